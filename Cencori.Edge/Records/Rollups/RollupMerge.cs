using System.Runtime.InteropServices;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// Merges the rows of several writers for a past hour into one row. Each process of an edge writes its own rows, so without merging every restart would
/// make <c>/v1/metrics</c> slower for as long as the rows are kept.
/// </summary>
/// <remarks>
/// An hour of a project is merged in one transaction, and readers read an hour with one statement, so nobody sees a partial result. A record that
/// comes later gets a new row, which the next run merges.
/// </remarks>
public sealed class RollupMerge(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    // Long requests and slow edges still count in the last hours; merging those would have to be repeated.
    private const int HoursLeft = 2;

    // Rows that come even later are merged after the next start: scanning all hours each time would cost more than it saves.
    private const int HoursAgain = 48;

    // A connection that waits for SQLite's lock polls only at intervals, so the pause must be long enough for it.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private long _from = long.MinValue;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var (from, before) = (Volatile.Read(ref _from), RollupKey.HourOf(time.GetUtcNow()) - HoursLeft);
        foreach (var table in (RollupTable[])[RollupTable.Hours, RollupTable.Callers])
        {
            foreach (var (hour, projectId) in await FindAsync(table, from, before, cancellation))
            {
                await MergeAsync(table, hour, projectId, cancellation);
                await Task.Delay(Pause, time, cancellation);
            }
        }

        Volatile.Write(ref _from, before - HoursAgain);
    }

    private async Task<List<(long Hour, string ProjectId)>> FindAsync(RollupTable table, long from, long before, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        return await table.SharedAsync(database.Database.GetDbConnection(), from, before, cancellation);
    }

    private async Task MergeAsync(RollupTable table, long hour, string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // Locks against merges by other edges. A transaction that has waited finds only the remaining rows.
        await WriterTable.EnterAsync(transaction, RollupTable.Merged, time.GetUtcNow(), cancellation);
        var writers = await table.WritersAsync(transaction, hour, projectId, cancellation);
        foreach (var writer in writers)
        {
            await WriterTable.TakeHoursAsync(transaction, writer, hour + 1, time.GetUtcNow(), cancellation);
        }

        var merged = new Dictionary<RollupKey, UsageSums>();
        foreach (var writer in writers.Append(RollupTable.Merged))
        {
            await table.TakeAsync(transaction, writer, hour, projectId, (key, sums) => (CollectionsMarshal.GetValueRefOrAddDefault(merged, key, out _) ??= new UsageSums()).Add(sums), cancellation);
        }

        await table.WriteAsync(transaction, RollupTable.Merged, merged, cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
