using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>For whom something is remembered or looked up: who pays for it, and whose limits hold.</summary>
/// <param name="Caller">A key and its project.</param>
/// <param name="Agent">As whom. Null: as none.</param>
/// <param name="Address">Where the request comes from. Null: nobody knows, or nobody has asked.</param>
internal sealed record MemoryCaller(Caller Caller, Agent? Agent, IPAddress? Address)
{
    public MemoryTenant Tenant => MemoryTenant.Of(Caller, Agent);

    /// <summary>What records have in the place of a key's id, where no key asks.</summary>
    public const string KeyId = "memory";

    /// <summary>The project itself: for what the edge does for a namespace, and for what administrators do with it. An agent's is the agent's.</summary>
    public static MemoryCaller Of(ProjectSnapshot project, MemoryNamespaceRecord space) =>
        new(new Caller(KeyOf(space), project), space.AgentId is { } id ? project.Agents.GetValueOrDefault(id) : null, null);

    public static MemoryCaller Of(Exchange exchange) => new(exchange.Caller!, exchange.Agent, exchange.Context.Connection.RemoteIpAddress);

    private static ApiKey KeyOf(MemoryNamespaceRecord space) => new()
    {
        Id = KeyId,
        ProjectId = space.ProjectId,
        Type = KeyType.Secret,
        Environment = space.Environment,
        AllowedDomains = [],
        AllowedModels = null,
        ExpiresAt = null,
        IsRevoked = false,
    };
}
