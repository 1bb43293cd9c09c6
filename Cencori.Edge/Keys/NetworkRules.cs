using System.Net;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Keys;

/// <summary>Checks the network of a caller: the lists of its key and of its project, where they exist, must both contain the address.</summary>
public sealed partial class NetworkRules(TimeProvider time, ILogger<NetworkRules> logger)
{
    // The error does not tell a blocked caller which list refused it, or what the list contains.
    private static readonly EdgeError NotAllowed = EdgeError.Forbidden(Reasons.Explain(Reasons.NetworkNotAllowed), Reasons.NetworkNotAllowed);

    private readonly ThrottledWarnings _refused = new(time);

    /// <summary>Returns the refusal. Null: the network is allowed.</summary>
    /// <param name="context">The request. For requests that the edge sends to itself the address is not checked, because no key was presented.</param>
    /// <param name="caller">The caller.</param>
    public EdgeError? Refusal(HttpContext context, Caller caller)
    {
        if (!Has(caller) || context.Features.Get<Caller>() == caller || Refusal(caller, context.Connection.RemoteIpAddress) is not { } refusal)
        {
            return null;
        }

        if (_refused.IsDue(caller.Key.Id))
        {
            var address = context.Connection.RemoteIpAddress;
            var shown = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
            Log.NetworkRefused(logger, caller.Key.Id, caller.Project.Id, shown?.ToString() ?? "no address", Allows(caller.Project.AllowedNetworks, address) ? "key" : "project");
        }

        return refusal;
    }

    /// <summary>Checks a caller whose WebSocket session is already open.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="address">The caller's address; null: unknown.</param>
    public static EdgeError? Refusal(Caller caller, IPAddress? address) =>
        Allows(caller.Project.AllowedNetworks, address) && Allows(caller.Key.AllowedNetworks, address) ? null : NotAllowed;

    private static bool Has(Caller caller) => caller.Project.AllowedNetworks is not null || caller.Key.AllowedNetworks is not null;

    private static bool Allows(AllowedNetworks? networks, IPAddress? address) => networks is null || networks.Has(address);

    private static partial class Log
    {
        [LoggerMessage(290, LogLevel.Warning, "A request with key {KeyId} of project {ProjectId} came from {Address}, which is not in the allowed networks of the {Owner}. It was refused. Logged at most once a minute per key.", EventName = "NetworkRefused")]
        public static partial void NetworkRefused(ILogger logger, string keyId, string projectId, string address, string owner);
    }
}
