using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin;

/// <summary>Lets nobody to the administration without the administrator's token. Guessing is stopped after <see cref="WrongTokensPerMinute"/>.</summary>
public sealed class AdminAuthenticationMiddleware(
    RequestDelegate next, AdminToken token, DatabaseStartup database, IDatabaseSystem system)
    : IAsyncDisposable
{
    /// <summary>Wrong tokens from one address in a minute after which that address is refused, with any token.</summary>
    public const int WrongTokensPerMinute = 5;

    private static readonly EdgeError DatabaseAway = EdgeError.Unavailable("The edge's database does not answer at the moment.");

    private static readonly EdgeError OthersInTheWay = new(ErrorKind.Conflict, "Others are changing the same things at the moment, and nothing has been done. Try again.")
    {
        IsFinal = false,
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private readonly PartitionedRateLimiter<IPAddress> _wrongTokens = PartitionedRateLimiter.Create<IPAddress, IPAddress>(
        address => RateLimitPartition.GetFixedWindowLimiter(address, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = WrongTokensPerMinute,
            Window = TimeSpan.FromMinutes(1),
            QueueLimit = 0,
        }));

    public Task InvokeAsync(HttpContext context)
    {
        if (Exchange.Of(context).Endpoint.Operation != Operation.Administration)
        {
            return next(context);
        }

        context.Response.Headers.CacheControl = "no-store";
        if (!database.IsPrepared)
        {
            // The token may be known only there, and a good one must not be called wrong.
            return context.Refuse(DatabaseAway);
        }

        var address = Network(context.Connection.RemoteIpAddress);
        using var probe = _wrongTokens.AttemptAcquire(address, permitCount: 0);
        if (!probe.IsAcquired)
        {
            return context.Refuse(TooManyWrongTokens(probe));
        }

        var presented = PresentedKey.Bearer(context.Request.Headers.Authorization);
        if (!presented.IsEmpty && token.Matches(presented))
        {
            context.Features.Set(new Administrator());
            return AdministerAsync(context);
        }

        if (ProjectKey.IsWellFormed(presented) || context.Request.Headers.ContainsKey(PresentedKey.HeaderName))
        {
            return context.Refuse(EdgeError.Forbidden("A project key may not administer. Send the admin token.", Reasons.KeyType));
        }

        if (presented.IsEmpty)
        {
            return context.Refuse(new EdgeError(ErrorKind.InvalidApiKey, "The admin token is required, as 'Authorization: Bearer <token>'."));
        }

        using var counted = _wrongTokens.AttemptAcquire(address);
        return context.Refuse(counted.IsAcquired
            ? new EdgeError(ErrorKind.InvalidApiKey, "The admin token is not valid.")
            : TooManyWrongTokens(counted));
    }

    public ValueTask DisposeAsync() => _wrongTokens.DisposeAsync();

    private async Task AdministerAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (system.IsConflict(exception))
        {
            await context.Refuse(OthersInTheWay);
        }
        catch (Exception exception) when (system.Explain(exception) is { IsAway: true })
        {
            await context.Refuse(DatabaseAway);
        }
    }

    private static EdgeError TooManyWrongTokens(RateLimitLease lease) =>
        new(ErrorKind.RateLimitExceeded, "Too many wrong admin tokens from this address.")
        {
            RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromMinutes(1),
        };

    // One IPv6 host owns a whole /64, and could otherwise guess from each of its addresses.
    private static IPAddress Network(IPAddress? address)
    {
        if (address is null || address.IsIPv4MappedToIPv6)
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}

/// <summary>Its presence on the request is the proof that the administrator's token was shown.</summary>
public sealed class Administrator;
