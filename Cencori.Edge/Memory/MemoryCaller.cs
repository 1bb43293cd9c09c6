using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>The caller of a memory operation: whose budget pays and whose limits apply.</summary>
/// <param name="Caller">The key and its project.</param>
/// <param name="Agent">The agent that the caller acts as. Null: the caller acts as no agent.</param>
/// <param name="Address">Address of the client. Null: unknown, or there is no request.</param>
internal sealed record MemoryCaller(Caller Caller, Agent? Agent, IPAddress? Address)
{
    public MemoryTenant Tenant => MemoryTenant.Of(Caller, Agent);

    /// <summary>The key id that request records show if the request was not made with a key.</summary>
    public const string KeyId = "memory";

    /// <summary>Creates a caller without a key, for background work on a namespace and for administrators. For an agent's namespace, the caller acts as the agent.</summary>
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
