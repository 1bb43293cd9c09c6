using System.Net;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>The caller of a memory operation. The budget of this caller pays for embeddings, and the limits of this caller apply.</summary>
/// <param name="Caller">The key and its project.</param>
/// <param name="Agent">The agent that the caller acts as. Null: the caller acts as no agent.</param>
/// <param name="Address">Address of the client. Null: unknown, or there is no request.</param>
internal sealed record MemoryCaller(Caller Caller, Agent? Agent, IPAddress? Address)
{
    public MemoryTenant Tenant => MemoryTenant.Of(Caller, Agent);

    /// <summary>The key id in records of embedding requests that the edge made for work that no API key requested.</summary>
    public const string KeyId = "memory";

    /// <summary>
    /// Creates the caller for work on a namespace that no API key requested: background work, or an operation of an administrator. If the namespace belongs to
    /// an agent, the caller acts as this agent.
    /// </summary>
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
