using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Agents;

/// <summary>Tool calls of agents in shadow mode. They are in the database, so that every edge sees the same.</summary>
public sealed class PendingActions(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    /// <summary>Prefix of every id.</summary>
    public const string IdPrefix = "act_";

    /// <summary>Most pending calls of an agent, because an agent can ask for any number; also the most decided calls that are kept.</summary>
    public const int MaxOfAgent = 1_000;

    /// <summary>Characters of the arguments in a list.</summary>
    public const int LongestListed = 2_000;

    /// <summary>Time until an undecided call counts as rejected.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>Adds all calls, or none.</summary>
    /// <returns>Ids of the calls, in the same order.</returns>
    /// <exception cref="ShadowException">Too many calls are pending already.</exception>
    public async Task<List<string>> AddAsync(string projectId, string agentId, string requestId, IReadOnlyList<RequestedCall> calls, CancellationToken cancellation)
    {
        // Millisecond precision, as the database stores it: the response equals later reads.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        if (await Pending(database.PendingActions, now).CountAsync(row => row.AgentId == agentId, cancellation) + calls.Count > MaxOfAgent)
        {
            throw new ShadowException($"{MaxOfAgent} tool calls of an agent can be pending at most. Approve or reject some first.");
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
    /// <param name="agentId">Null: every agent of the project.</param>
    /// <param name="ids">The requested ids.</param>
    /// <param name="cancellation">Cancels the read.</param>
    public async Task<List<PendingActionRecord>> FindAsync(string projectId, string? agentId, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.PendingActions.AsNoTracking()
            .Where(row => row.ProjectId == projectId && (agentId == null || row.AgentId == agentId) && ids.Contains(row.Id)).ToListAsync(cancellation);
    }

    /// <summary>Lists an agent's calls, newest first. <see cref="PendingActionRecord.Arguments"/> have at most one character more than <see cref="LongestListed"/>.</summary>
    /// <param name="projectId">Project id.</param>
    /// <param name="agentId">Agent id.</param>
    /// <param name="status">Null: all statuses.</param>
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

    /// <summary>Number of pending calls by agent id; agents without pending calls are absent.</summary>
    public async Task<Dictionary<string, int>> CountAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);

        // Filters by agent, which has an index.
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

    // PostgreSQL rejects null characters in texts.
    private static string Storable(string text) => text.Replace("\0", "\\u0000", StringComparison.Ordinal);
}

/// <summary>Status of a tool call. An undecided call counts as rejected after its lifetime.</summary>
public enum ActionStatus
{
    Pending,
    Approved,
    Rejected,
}
