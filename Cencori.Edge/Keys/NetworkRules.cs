using System.Net;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Keys;

/// <summary>From where a key may be used: its own list and its project's must both have the caller's address, where there are lists.</summary>
public sealed partial class NetworkRules(TimeProvider time, ILogger<NetworkRules> logger)
{
    // Which of the lists it was, and what stands there, is nobody's business who is not in it.
    private static readonly EdgeError NotAllowed = EdgeError.Forbidden(Reasons.Explain(Reasons.NetworkNotAllowed), Reasons.NetworkNotAllowed);

    private readonly ThrottledWarnings _refused = new(time);

    /// <summary>Null: the caller may come from there.</summary>
    /// <param name="context">What it asks for. Of a request of the edge's own the address is not asked: nobody shows a key for it.</param>
    /// <param name="caller">Who it is.</param>
    public EdgeError? Refusal(HttpContext context, Caller caller)
    {
        if (!Has(caller) || context.Features.Get<Caller>() == caller || Refusal(caller, context.Connection.RemoteIpAddress) is not { } refusal)
        {
            return null;
        }

        if (_refused.IsDue(caller.Key.Id))
        {
            var address = context.Connection.RemoteIpAddress;
            var told = address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;
            Log.NetworkRefused(logger, caller.Key.Id, caller.Project.Id, told?.ToString() ?? "no address", Allows(caller.Project.AllowedNetworks, address) ? "key" : "project");
        }

        return refusal;
    }

    /// <summary>Likewise, of somebody who has begun already.</summary>
    /// <param name="caller">Who it is.</param>
    /// <param name="address">From where; null: nobody knows.</param>
    public static EdgeError? Refusal(Caller caller, IPAddress? address) =>
        Allows(caller.Project.AllowedNetworks, address) && Allows(caller.Key.AllowedNetworks, address) ? null : NotAllowed;

    private static bool Has(Caller caller) => caller.Project.AllowedNetworks is not null || caller.Key.AllowedNetworks is not null;

    private static bool Allows(AllowedNetworks? networks, IPAddress? address) => networks is null || networks.Has(address);

    private static partial class Log
    {
        [LoggerMessage(290, LogLevel.Warning, "A request with key {KeyId} of project {ProjectId} came from {Address}, which the list of the {Owner} does not have, and was refused. Told once a minute of each key at most.", EventName = "NetworkRefused")]
        public static partial void NetworkRefused(ILogger logger, string keyId, string projectId, string address, string owner);
    }
}
