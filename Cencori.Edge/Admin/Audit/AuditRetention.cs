using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Deletes expired audit rows, oldest first, every <see cref="Interval"/>. Stores the last deleted row as an <see cref="AuditCheckpoint"/>, so that the remaining rows can still
/// be verified.
/// </summary>
internal sealed partial class AuditRetention(
    IDbContextFactory<EdgeDbContext> contexts, AuditTrail audit, DatabaseStartup startup, IOptions<AuditOptions> options, TimeProvider time, ILogger<AuditRetention> logger)
    : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    private const int BatchSize = 500;

    /// <summary>Deletes all expired rows.</summary>
    public async Task DeleteAsync(CancellationToken cancellation)
    {
        while (await DeleteBatchAsync(cancellation) == BatchSize)
        {
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

    private async Task<int> DeleteBatchAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var anchor = await AuditCheckpoint.LockAsync(database, AuditCheckpoint.Anchor, cancellation);
        var before = time.GetUtcNow().AddDays(-options.Value.RetentionDays);
        var old = await database.Audit.AsNoTracking().Where(row => row.At < before).OrderBy(row => row.Id).Take(BatchSize).ToListAsync(cancellation);

        // Rows are deleted only in the order of their ids. Clocks of edges differ: an expired row stays while a row with a smaller id has not expired.
        var first = AuditCheckpoint.Read(anchor, audit.Chain, out var isAuthentic)?.Id ?? 0;
        if (!isAuthentic)
        {
            // Nothing is deleted, because a new checkpoint would hide a manipulation of the old checkpoint.
            Log.UnverifiedBegin(logger);
            return 0;
        }

        var count = old.TakeWhile((row, index) => row.Id == first + 1 + index).Count();
        if (count == 0)
        {
            return 0;
        }

        var last = old[count - 1];
        anchor.Value = new AuditCheckpoint(last.Id, last.Mac).Write(AuditCheckpoint.Anchor, audit.Chain);
        await database.Audit.Where(row => row.Id <= last.Id).ExecuteDeleteAsync(cancellation);
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return count;
    }

    private static partial class Log
    {
        [LoggerMessage(111, LogLevel.Warning, "Old rows of the audit log could not be deleted ({Fault}). The next attempt is in an hour.", EventName = "AuditRetentionFailed")]
        public static partial void Failed(ILogger logger, string fault);

        [LoggerMessage(112, LogLevel.Warning, "The stored start of the audit log has no valid MAC: its master key is not configured, or somebody changed it without the master key. No audit rows are deleted.", EventName = "AuditAnchorUntrue")]
        public static partial void UnverifiedBegin(ILogger logger);
    }
}
