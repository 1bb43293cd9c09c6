using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Agents;

/// <summary>
/// Deletes decided or expired tool calls from the database, every <see cref="Interval"/>, if they are too old or an agent has too many. Pending calls
/// stay.
/// </summary>
internal sealed partial class PendingActionRetention(
    IDbContextFactory<EdgeDbContext> contexts, DatabaseStartup startup, TimeProvider time, ILogger<PendingActionRetention> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>How long a tool call is stored after it expires, which happens <see cref="PendingActions.Lifetime"/> after its creation.</summary>
    public static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(30);

    // Number of rows that one statement deletes. Small, because the arguments of a call may have 256 KiB.
    private const int BatchSize = 100;

    /// <summary>Deletes tool calls that expired too long ago, and the oldest decided or expired tool calls of agents that have too many.</summary>
    public async Task DeleteAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var until = now - KeptAfterwards;
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await DeleteAsync(database, database.PendingActions.Where(row => row.ExpiresAt < until).OrderBy(row => row.ExpiresAt), cancellation);

        var over = database.PendingActions.Where(row => row.IsApproved != null || row.ExpiresAt <= now);
        var agents = await over.GroupBy(row => row.AgentId).Where(rows => rows.Count() > PendingActions.MaxOfAgent).Select(rows => rows.Key).ToListAsync(cancellation);
        foreach (var agent in agents)
        {
            await DeleteAsync(
                database, over.Where(row => row.AgentId == agent).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).Skip(PendingActions.MaxOfAgent), cancellation);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (startup.IsPrepared && !stoppingToken.IsCancellationRequested)
                {
                    await DeleteAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.GetType().Name);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private static async Task DeleteAsync(EdgeDbContext database, IQueryable<PendingActionRecord> rows, CancellationToken cancellation)
    {
        List<string> ids;
        do
        {
            ids = await rows.Take(BatchSize).Select(row => row.Id).ToListAsync(cancellation);
            await database.PendingActions.Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(cancellation);
        }
        while (ids.Count == BatchSize);
    }

    private static partial class Log
    {
        [LoggerMessage(113, LogLevel.Warning, "Old tool calls of agents could not be deleted ({Fault}). The next attempt is in an hour.", EventName = "PendingActionRetentionFailed")]
        public static partial void Failed(ILogger logger, string fault);
    }
}
