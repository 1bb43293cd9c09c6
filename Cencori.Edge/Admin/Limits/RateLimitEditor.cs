using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Reads and replaces the rate limits of a project or of an agent. A null limit means unlimited.</summary>
internal sealed class RateLimitEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects)
{
    /// <param name="projectId">Project id.</param>
    /// <param name="agentId">Id of the agent. Null: the limits of the project itself.</param>
    public async Task<Tagged<RateLimits>> GetAsync(string projectId, string? agentId)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return Tag(agentId is null ? Of(await ProjectEditor.FindAsync(database, projectId)) : Of(await AgentEditor.FindAsync(database, projectId, agentId)));
    }

    /// <summary>Reads the limits of all agents of a project, by agent id.</summary>
    public async Task<Dictionary<string, Tagged<RateLimits>>> OfAgentsAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.Agents.AsNoTracking().Where(row => row.ProjectId == projectId).ToDictionaryAsync(row => row.Id, row => Tag(Of(row)), cancellation);
    }

    /// <inheritdoc cref="GetAsync"/>
    public async Task<Tagged<RateLimits>> ReplaceAsync(AuditActor actor, string projectId, string? agentId, RateLimitsReplacement body, Precondition expected)
    {
        var limits = body.ToLimits();
        LimitChecks.Of(limits).ThrowIfAny();
        await changes.MakeToProjectAsync(actor, projectId, async (database, project) =>
        {
            if (agentId is null)
            {
                expected.Check(EntityTags.Of(Of(project)));
                Set(project, limits);
            }
            else
            {
                var agent = await AgentEditor.FindAsync(database, projectId, agentId);
                expected.Check(EntityTags.Of(Of(agent)));
                Set(agent, limits);
            }

            return limits;
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return Tag(limits);
    }

    private static RateLimits Of(ProjectRecord row) => new(row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests);

    private static RateLimits Of(AgentRecord row) => new(row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests);

    private static void Set(ProjectRecord row, RateLimits limits) =>
        (row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests) = (limits.RequestsPerMinute, limits.Burst, limits.TokensPerMinute, limits.ConcurrentRequests);

    private static void Set(AgentRecord row, RateLimits limits) =>
        (row.RequestsPerMinute, row.Burst, row.TokensPerMinute, row.ConcurrentRequests) = (limits.RequestsPerMinute, limits.Burst, limits.TokensPerMinute, limits.ConcurrentRequests);

    private static Tagged<RateLimits> Tag(RateLimits limits) => new(limits, EntityTags.Of(limits));
}

/// <summary>Request body that replaces rate limits. All members except burst are required: an omitted limit must not silently become unlimited.</summary>
public sealed record RateLimitsReplacement
{
    public required long? RequestsPerMinute { get; init; }

    /// <summary>Capacity of the request bucket. Null: equal to <see cref="RequestsPerMinute"/>.</summary>
    public long? Burst { get; init; }

    public required long? TokensPerMinute { get; init; }

    public required long? ConcurrentRequests { get; init; }

    public RateLimits ToLimits() => new(RequestsPerMinute, Burst ?? RequestsPerMinute, TokensPerMinute, ConcurrentRequests);
}
