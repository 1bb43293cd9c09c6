using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Agents;

/// <summary>Tool calls of agents in shadow mode, in the database: every edge sees the same.</summary>
public sealed class PendingActions(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    /// <summary>What every id begins with.</summary>
    public const string IdPrefix = "act_";

    /// <summary>Of each agent so many may wait, as an agent can ask for as many as it likes; and so many that are over are kept.</summary>
    public const int MaxOfAgent = 1_000;

    /// <summary>Characters of the arguments that a list shows.</summary>
    public const int LongestListed = 2_000;

    /// <summary>Nobody has decided by then: it counts as rejected.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>All of them, or none.</summary>
    /// <returns>Their ids, in the same order.</returns>
    /// <exception cref="ShadowException">Too many wait already.</exception>
    public async Task<List<string>> AddAsync(string projectId, string agentId, string requestId, IReadOnlyList<RequestedCall> calls, CancellationToken cancellation)
    {
        // As it is stored, so that it is read as it was made.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        if (await Pending(database.PendingActions, now).CountAsync(row => row.AgentId == agentId, cancellation) + calls.Count > MaxOfAgent)
        {
            throw new ShadowException($"{MaxOfAgent} of its tool calls wait for a decision at most. Approve or reject some first.");
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

    /// <summary>Those of the ids that the caller may see.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="agentId">Null: of every agent of the project.</param>
    /// <param name="ids">As they were asked for.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    public async Task<List<PendingActionRecord>> FindAsync(string projectId, string? agentId, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.PendingActions.AsNoTracking()
            .Where(row => row.ProjectId == projectId && (agentId == null || row.AgentId == agentId) && ids.Contains(row.Id)).ToListAsync(cancellation);
    }

    /// <summary>What is known of an agent's, the newest first. Of <see cref="PendingActionRecord.Arguments"/> longer than <see cref="LongestListed"/> only the beginning, which is longer as well.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="agentId">Of this project.</param>
    /// <param name="status">Null: all of them.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
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

    /// <summary>How many wait, by the id of the agent; those of which none waits are not among them.</summary>
    public async Task<Dictionary<string, int>> CountAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);

        // By the agent, for which there is an index.
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

    // PostgreSQL keeps no such character in a text.
    private static string Storable(string text) => text.Replace("\0", "\\u0000", StringComparison.Ordinal);
}

/// <summary>How a pending action stands. One that nobody has decided in time counts as rejected.</summary>
public enum ActionStatus
{
    Pending,
    Approved,
    Rejected,
}
