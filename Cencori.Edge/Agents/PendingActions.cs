using Cencori.Edge.Agents.Shadow;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Agents;

/// <summary>Tool calls of agents in shadow mode, in the database: every edge sees the same.</summary>
public sealed class PendingActions(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    /// <summary>Kept for each agent. An older one makes room for a newer one, as an agent can ask for as many as it likes.</summary>
    public const int MostOfAgent = 1_000;

    /// <summary>Nobody has decided by then: it counts as rejected.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(30);

    /// <returns>Their ids, in the same order.</returns>
    public async Task<List<string>> AddAsync(string projectId, string agentId, string requestId, IReadOnlyList<RequestedCall> calls, CancellationToken cancellation)
    {
        // As it is stored, so that it is read as it was made.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var rows = calls.Select(call => new PendingActionRecord
        {
            Id = $"act_{Guid.CreateVersion7():N}",
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
        await PruneAsync(database, agentId, now, cancellation);
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

    /// <summary>What is known of an agent's, the newest first.</summary>
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
            ActionStatus.Pending => rows.Where(row => row.IsApproved == null && row.ExpiresAt > now),
            ActionStatus.Approved => rows.Where(row => row.IsApproved == true),
            ActionStatus.Rejected => rows.Where(row => row.IsApproved == false || (row.IsApproved == null && row.ExpiresAt <= now)),
            _ => rows,
        };
        return await rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Take(MostOfAgent).ToListAsync(cancellation);
    }

    public ActionStatus StatusOf(PendingActionRecord action) =>
        action.IsApproved is { } isApproved ? (isApproved ? ActionStatus.Approved : ActionStatus.Rejected)
        : action.ExpiresAt <= time.GetUtcNow() ? ActionStatus.Rejected
        : ActionStatus.Pending;

    private static async Task PruneAsync(EdgeDbContext database, string agentId, DateTimeOffset now, CancellationToken cancellation)
    {
        var ofAgent = database.PendingActions.Where(row => row.AgentId == agentId);
        var until = now - KeptAfterwards;
        await ofAgent.Where(row => row.ExpiresAt < until).ExecuteDeleteAsync(cancellation);
        var tooOld = await ofAgent.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Skip(MostOfAgent).Select(row => row.Id).ToListAsync(cancellation);
        if (tooOld.Count > 0)
        {
            await ofAgent.Where(row => tooOld.Contains(row.Id)).ExecuteDeleteAsync(cancellation);
        }
    }

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
