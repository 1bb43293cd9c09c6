using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Admin;

/// <summary>
/// Lets nobody to the administration without the administrator's token. A wrong one counts first, whatever else the request shows; see
/// <see cref="WrongTokens"/>.
/// </summary>
internal sealed partial class AdminAuthenticationMiddleware(
    RequestDelegate next, AdminToken token, WrongTokens wrongTokens, DatabaseStartup database, StorageTrouble trouble, RefusedSignIns refusals, TimeProvider time, ILogger<AdminAuthenticationMiddleware> logger)
{
    private readonly RareWarning _guessing = new(time);

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
            return context.Refuse(StorageTrouble.DatabaseAway);
        }

        var address = Network(context.Connection.RemoteIpAddress);
        if (wrongTokens.ShutOut(address) is { Ticks: > 0 } wait)
        {
            return RefuseShutOut(context, address, wait);
        }

        return Presented(context.Request.Headers.Authorization) switch
        {
            Shown.Right => AdmitAsync(context, address),
            Shown.Wrong => CountAsync(context, address),
            Shown.ProjectKey => context.Refuse(ProjectKeysDoNotAdminister()),
            _ => context.Refuse(context.Request.Headers.ContainsKey(PresentedKey.HeaderName)
                ? ProjectKeysDoNotAdminister()
                : new EdgeError(ErrorKind.InvalidApiKey, "The admin token is required, as 'Authorization: Bearer <token>'.")),
        };
    }

    // Of several tokens none is taken for the right one, and each that is wrong was a guess.
    private Shown Presented(StringValues authorization)
    {
        var shown = Shown.Nothing;
        foreach (var value in authorization)
        {
            var presented = PresentedKey.Bearer(value);
            if (presented.IsEmpty)
            {
                continue;
            }

            if (authorization.Count == 1 && token.Matches(presented))
            {
                return Shown.Right;
            }

            if (!ProjectKey.IsWellFormed(presented))
            {
                return Shown.Wrong;
            }

            shown = Shown.ProjectKey;
        }

        return shown;
    }

    private async Task AdmitAsync(HttpContext context, IPAddress address)
    {
        if (await wrongTokens.AdmitAsync(address) is { Ticks: > 0 } wait)
        {
            await RefuseShutOut(context, address, wait);
            return;
        }

        context.Features.Set(new Administrator());
        await AdministerAsync(context);
    }

    private async Task CountAsync(HttpContext context, IPAddress address)
    {
        var wait = await wrongTokens.CountAsync(address);
        await refusals.NoteAsync(context);
        await (wait > TimeSpan.Zero ? RefuseShutOut(context, address, wait) : context.Refuse(new EdgeError(ErrorKind.InvalidApiKey, "The admin token is not valid.")));
    }

    private Task RefuseShutOut(HttpContext context, IPAddress address, TimeSpan wait)
    {
        if (_guessing.IsDue())
        {
            Log.ShutOut(logger, address);
        }

        return context.Refuse(new EdgeError(ErrorKind.RateLimitExceeded, "There were too many wrong admin tokens.") { RetryAfter = wait });
    }

    private async Task AdministerAsync(HttpContext context)
    {
        // A text with it can be kept by no database, and asked for in none.
        if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
        {
            await context.Refuse(EdgeError.Invalid("The query has a null character.", context.Request.Query.FirstOrDefault(one => one.Value.Any(value => value?.Contains('\0') == true)).Key));
            return;
        }

        await trouble.GuardAsync(context, async () =>
        {
            await next(context);
            return true;
        });
    }

    private static EdgeError ProjectKeysDoNotAdminister() => EdgeError.Forbidden("A project key may not administer. Send the admin token.", Reasons.KeyType);

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

    private enum Shown
    {
        Nothing,
        ProjectKey,
        Wrong,
        Right,
    }

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "There were too many wrong admin tokens: the administration is closed to {Address}, and perhaps to others, for up to a minute. Told once a minute at most.", EventName = "AdminShutOut")]
        public static partial void ShutOut(ILogger logger, IPAddress address);
    }
}

/// <summary>Its presence on the request is the proof that the administrator's token was shown.</summary>
public sealed class Administrator;
