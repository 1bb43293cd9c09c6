using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Admin.SignIn;

/// <summary>
/// Checks the admin token, for the API and the dashboard. Counts wrong tokens by client address. After too many wrong tokens, the administration refuses
/// that address for a while. See <see cref="AdminTokenLockout"/>.
/// </summary>
internal sealed partial class TokenSignIn(AdminToken token, AdminTokenLockout lockout, DatabaseStartup database, FailedSignInLog refusals, TimeProvider time, ILogger<TokenSignIn> logger)
{
    private readonly ThrottledWarning _guessWarning = new(time);

    /// <summary>Returns the error if no sign-in is possible from an address now. Null: a sign-in is possible.</summary>
    public EdgeError? Refusal(IPAddress? address)
    {
        // Before the database is ready, the edge may not know the token, and must not refuse a correct token as wrong.
        if (!database.IsPrepared)
        {
            return StorageFailureHandler.DatabaseUnavailable;
        }

        var network = NetworkOf(address);
        return lockout.LockOut(network) is { Ticks: > 0 } wait ? LockOut(network, wait) : null;
    }

    /// <summary>Checks a token.</summary>
    /// <param name="presented">The token in the request. Null: the value in the request cannot be a token. It counts as a wrong token.</param>
    /// <param name="address">Client address.</param>
    /// <returns>The error. Null: the token is correct.</returns>
    public async Task<EdgeError?> TryAsync(string? presented, IPAddress? address)
    {
        if (Refusal(address) is { } closed)
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
        if (_guessWarning.IsDue())
        {
            Log.LockOut(logger, network);
        }

        return new EdgeError(ErrorKind.RateLimitExceeded, "Too many wrong admin tokens were sent. Wait for up to a minute, then send the correct token.") { RetryAfter = wait };
    }

    /// <summary>Returns the network for which wrong tokens of an address are counted. For IPv6 it is the /64: one host can use its whole /64.</summary>
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
        [LoggerMessage(110, LogLevel.Warning, "Too many wrong admin tokens: for up to a minute, the administration refuses {Address}, and also other addresses if all addresses together sent too many. Logged at most once a minute.", EventName = "AdminShutOut")]
        public static partial void LockOut(ILogger logger, IPAddress address);
    }
}
