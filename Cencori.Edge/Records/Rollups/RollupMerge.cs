using System.Runtime.InteropServices;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// Merges the rows of several writers (edge processes) for a past hour into one row. Each process writes its own rows. Without merging, every restart would
/// make <c>/v1/metrics</c> slower for as long as the rows are kept.
/// </summary>
/// <remarks>
/// An hour of a project is merged in one transaction, and readers read an hour with one statement, so no reader sees a partial result. A record that
/// arrives later gets a new row, which the next run merges.
/// </remarks>
public sealed class RollupMerge(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    // Number of the latest hours that are not merged yet. Long requests and slow edges still add records to these hours, so a merge would have to be repeated.
    private const int HoursLeft = 2;

    // Number of hours that each run scans. Rows that arrive for older hours are merged after the next start: a scan of all hours costs too much.
    private const int RecheckedHours = 48;

    // Pause between two transactions. A connection that waits for SQLite's lock only polls at intervals, so the pause must be long enough for one poll.
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

        Volatile.Write(ref _from, before - RecheckedHours);
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

        // Keeps other edges from merging at the same time. A transaction that has waited for this lock finds only rows that are not merged yet.
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
