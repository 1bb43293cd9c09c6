using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Whether somebody has the administrator's token, wherever they show it. Wrong ones are counted, by the address they come from, and
/// too many close the administration to it for a while; see <see cref="AdminTokenLockout"/>.
/// </summary>
internal sealed partial class TokenSignIn(AdminToken token, AdminTokenLockout lockout, DatabaseStartup database, FailedSignInLog refusals, TimeProvider time, ILogger<TokenSignIn> logger)
{
    private readonly ThrottledWarning _guessing = new(time);

    /// <summary>Why nobody can try from an address at the moment. Null: they can.</summary>
    public EdgeError? Closed(IPAddress? address)
    {
        // The token may be known only there, and a good one must not be called wrong.
        if (!database.IsPrepared)
        {
            return StorageFailureHandler.DatabaseAway;
        }

        var network = NetworkOf(address);
        return lockout.LockOut(network) is { Ticks: > 0 } wait ? LockOut(network, wait) : null;
    }

    /// <summary>Tries a token.</summary>
    /// <param name="presented">Null: something that cannot be the token, and was a guess all the same.</param>
    /// <param name="address">Where it comes from.</param>
    /// <returns>Null: it is the right one. Else why it is of no use.</returns>
    public async Task<EdgeError?> TryAsync(string? presented, IPAddress? address)
    {
        if (Closed(address) is { } closed)
        {
            return closed;
        }

        var network = NetworkOf(address);
        var isRight = presented is not null && token.Matches(presented);
        var wait = await (isRight ? lockout.AdmitAsync(network) : lockout.CountAsync(network));
        if (!isRight)
        {
            await refusals.NoteAsync(AuditActor.Unknown(address), FailedSignInLog.Token);
        }

        return wait > TimeSpan.Zero ? LockOut(network, wait)
            : isRight ? null
            : new EdgeError(ErrorKind.InvalidApiKey, "The admin token is not valid.");
    }

    private EdgeError LockOut(IPAddress network, TimeSpan wait)
    {
        if (_guessing.IsDue())
        {
            Log.LockOut(logger, network);
        }

        return new EdgeError(ErrorKind.RateLimitExceeded, "There were too many wrong admin tokens.") { RetryAfter = wait };
    }

    /// <summary>Whom an address is counted for: one IPv6 host owns a whole /64, and could otherwise come from each of its addresses.</summary>
    internal static IPAddress NetworkOf(IPAddress? address)
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

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "There were too many wrong admin tokens: the administration is closed to {Address}, and perhaps to others, for up to a minute. Told once a minute at most.", EventName = "AdminShutOut")]
        public static partial void LockOut(ILogger logger, IPAddress address);
    }
}
