using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Limits access to the memory of one project, environment and, optionally, agent. Every read and write needs a tenant.</summary>
/// <param name="ProjectId">The project.</param>
/// <param name="Environment">The environment of the key.</param>
/// <param name="AgentId">Allows only the namespaces of this agent. Null: allows all namespaces.</param>
public readonly record struct MemoryTenant(string ProjectId, KeyEnvironment Environment, string? AgentId)
{
    /// <summary>The tenant of a caller. A caller that acts as an agent sees only the agent's namespaces.</summary>
    internal static MemoryTenant Of(Caller caller, Agent? agent) => new(caller.Project.Id, caller.Key.Environment, agent?.Id);
}

/// <summary>Queries for memory rows that always filter by tenant. All code uses these queries, so that none forgets the tenant.</summary>
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

    public static IQueryable<MemoryVectorRecord> VectorsOf(this EdgeDbContext database, MemoryNamespaceRecord space, int generation) =>
        database.MemoryVectors.Where(row => row.ProjectId == space.ProjectId && row.Environment == space.Environment && row.NamespaceId == space.Id && row.Generation == generation);
}
