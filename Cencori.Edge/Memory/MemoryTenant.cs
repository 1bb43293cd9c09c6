using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Whose memory somebody may see. Nothing of it is read or written without one.</summary>
/// <param name="ProjectId">Of this project.</param>
/// <param name="Environment">Of keys of this environment.</param>
/// <param name="AgentId">Only this agent's namespaces. Null: all of them.</param>
public readonly record struct MemoryTenant(string ProjectId, KeyEnvironment Environment, string? AgentId)
{
    /// <summary>What a caller may see: as an agent, what is the agent's alone.</summary>
    internal static MemoryTenant Of(Caller caller, Agent? agent) => new(caller.Project.Id, caller.Key.Environment, agent?.Id);
}

/// <summary>The only ways to the rows of memory.</summary>
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
