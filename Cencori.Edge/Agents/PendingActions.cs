using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Agents;

/// <summary>
/// Stores the tool calls of agents in shadow mode, which wait for approval. They are in the database, so that every edge sees the same
/// calls.
/// </summary>
public sealed class PendingActions(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    /// <summary>Prefix of the id of every pending action (a recorded tool call).</summary>
    public const string IdPrefix = "act_";

    /// <summary>Maximum number of pending tool calls of an agent. Also the maximum number of decided tool calls that are stored for an agent.</summary>
    public const int MaxOfAgent = 1_000;

    /// <summary>Maximum number of characters of a call's arguments that a list shows.</summary>
    public const int LongestListed = 2_000;

    /// <summary>Time after its creation at which an undecided call counts as rejected.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Stores the tool calls of a response as pending actions: all of them, or none.</summary>
    /// <returns>Ids of the calls, in the same order.</returns>
    /// <exception cref="ShadowException">Too many calls are pending already.</exception>
    public async Task<List<string>> AddAsync(string projectId, string agentId, string requestId, IReadOnlyList<RequestedCall> calls, CancellationToken cancellation)
    {
        // The time has only milliseconds, like the database, so that this response and later reads show the same time.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        if (await Pending(database.PendingActions, now).CountAsync(row => row.AgentId == agentId, cancellation) + calls.Count > MaxOfAgent)
        {
            throw new ShadowException($"The agent already has the maximum of {MaxOfAgent} pending tool calls. Approve or reject some of them first.");
        }

        var rows = calls.Select(call => new PendingActionRecord
        {
            Id = $"{IdPrefix}{Guid.CreateVersion7():N}",
            ProjectId = projectId,
            AgentId = agentId,
            RequestId = requestId,
            Tool = Storable(call.Tool),
            Arguments = Storable(call.Arguments),
            CreatedAt = now,
            ExpiresAt = now + Lifetime,
        }).ToList();
        database.PendingActions.AddRange(rows);
        await database.SaveChangesAsync(cancellation);
        return rows.ConvertAll(row => row.Id);
    }

    /// <summary>Finds the calls with these ids that the caller may see.</summary>
    /// <param name="projectId">Project id.</param>
    /// <param name="agentId">Only calls of this agent. Null: calls of every agent of the project.</param>
    /// <param name="ids">The requested ids.</param>
    /// <param name="cancellation">Cancels the read.</param>
    public async Task<List<PendingActionRecord>> FindAsync(string projectId, string? agentId, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.PendingActions.AsNoTracking()
            .Where(row => row.ProjectId == projectId && (agentId == null || row.AgentId == agentId) && ids.Contains(row.Id)).ToListAsync(cancellation);
    }

    /// <summary>
    /// Lists an agent's calls, newest first. <see cref="PendingActionRecord.Arguments"/> longer than <see cref="LongestListed"/> are cut to one character more
    /// than that. The extra character tells the caller of this method that they were cut.
    /// </summary>
    /// <param name="projectId">Project id.</param>
    /// <param name="agentId">Agent id.</param>
    /// <param name="status">Only calls with this status. Null: calls with any status.</param>
    /// <param name="cancellation">Cancels the read.</param>
    public async Task<List<PendingActionRecord>> ListAsync(string projectId, string agentId, ActionStatus? status, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var rows = database.PendingActions.AsNoTracking().Where(row => row.ProjectId == projectId && row.AgentId == agentId);
        rows = status switch
        {
            ActionStatus.Pending => Pending(rows, now),
            ActionStatus.Approved => rows.Where(row => row.IsApproved == true),
            ActionStatus.Rejected => rows.Where(row => row.IsApproved == false || (row.IsApproved == null && row.ExpiresAt <= now)),
            _ => rows,
        };
        return await rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(MaxOfAgent).Select(row => new PendingActionRecord
        {
            Id = row.Id,
            ProjectId = row.ProjectId,
            AgentId = row.AgentId,
            RequestId = row.RequestId,
            Tool = row.Tool,
            Arguments = row.Arguments.Substring(0, LongestListed + 1),
            IsApproved = row.IsApproved,
            DecidedAt = row.DecidedAt,
            DecidedBy = row.DecidedBy,
            Reason = row.Reason,
            CreatedAt = row.CreatedAt,
            ExpiresAt = row.ExpiresAt,
        }).ToListAsync(cancellation);
    }

    /// <summary>Counts the pending calls of each agent, by agent id. Agents without pending calls are absent.</summary>
    public async Task<Dictionary<string, int>> CountAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);

        // The count filters by agent id, because the table has an index on it.
        var agents = await database.Agents.Where(row => row.ProjectId == projectId).Select(row => row.Id).ToListAsync(cancellation);
        return await Pending(database.PendingActions.Where(row => agents.Contains(row.AgentId)), time.GetUtcNow())
            .GroupBy(row => row.AgentId).ToDictionaryAsync(group => group.Key, group => group.Count(), cancellation);
    }

    public ActionStatus StatusOf(PendingActionRecord action) =>
        action.IsApproved is { } isApproved ? (isApproved ? ActionStatus.Approved : ActionStatus.Rejected)
        : action.ExpiresAt <= time.GetUtcNow() ? ActionStatus.Rejected
        : ActionStatus.Pending;

    private static IQueryable<PendingActionRecord> Pending(IQueryable<PendingActionRecord> rows, DateTimeOffset now) =>
        rows.Where(row => row.IsApproved == null && row.ExpiresAt > now);

    // Replaces null characters, which PostgreSQL rejects in texts.
    private static string Storable(string text) => text.Replace("\0", "\\u0000", StringComparison.Ordinal);
}

/// <summary>Status of a recorded tool call. An undecided call counts as rejected after <see cref="PendingActions.Lifetime"/>.</summary>
public enum ActionStatus
{
    Pending,
    Approved,
    Rejected,
}
