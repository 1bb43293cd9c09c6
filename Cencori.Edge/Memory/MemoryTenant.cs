using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>The memory namespaces that a request may use: those of one project and environment, and optionally only those of one agent. Every read and write of
/// memory needs a tenant.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Environment">The environment of the caller's API key.</param>
/// <param name="AgentId">Allows only the namespaces of this agent. Null: allows the namespaces of all agents and those without an agent.</param>
public readonly record struct MemoryTenant(string ProjectId, KeyEnvironment Environment, string? AgentId)
{
    /// <summary>The tenant of a caller. A caller that acts as an agent sees only the agent's namespaces.</summary>
    internal static MemoryTenant Of(Caller caller, Agent? agent) => new(caller.Project.Id, caller.Key.Environment, agent?.Id);
}

/// <summary>Queries for the rows of the memory tables. Each query filters by tenant. All code starts from these queries, so that no query forgets the
/// tenant.</summary>
internal static class MemoryRows
{
    public static IQueryable<MemoryNamespaceRecord> NamespacesOf(this EdgeDbContext database, MemoryTenant tenant) =>
        database.MemoryNamespaces.Where(row => row.ProjectId == tenant.ProjectId && row.Environment == tenant.Environment
            && (tenant.AgentId == null || row.AgentId == tenant.AgentId) && row.DeletedAt == null
            && (row.AgentId == null || database.Agents.Any(agent => agent.Id == row.AgentId)));

    public static IQueryable<MemoryNamespaceRecord> RowOf(this EdgeDbContext database, MemoryNamespaceRecord space) =>
        database.MemoryNamespaces.Where(row => row.ProjectId == space.ProjectId && row.Environment == space.Environment && row.Id == space.Id);

    public static IQueryable<MemoryRecord> MemoriesOf(this EdgeDbContext database, MemoryNamespaceRecord space) =>
        database.Memories.Where(row => row.ProjectId == space.ProjectId && row.Environment == space.Environment && row.NamespaceId == space.Id);

    public static IQueryable<MemoryVectorRecord> VectorsOf(this EdgeDbContext database, MemoryNamespaceRecord space) =>
        database.MemoryVectors.Where(row => row.ProjectId == space.ProjectId && row.Environment == space.Environment && row.NamespaceId == space.Id);

    public static IQueryable<MemoryVectorRecord> VectorsOf(this EdgeDbContext database, MemoryNamespaceRecord space, int generation) =>
        database.VectorsOf(space).Where(row => row.Generation == generation);
}
