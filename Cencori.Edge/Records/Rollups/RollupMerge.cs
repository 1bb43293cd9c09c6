using System.Runtime.InteropServices;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// Makes one row of what several edges have seen of an hour that is long over. Each run of an edge's process leaves rows of its own;
/// without this every restart would make <c>/v1/metrics</c> slower for as long as they are kept.
/// </summary>
/// <remarks>
/// An hour of a project is merged in one transaction, and a reader reads an hour with one statement, so nobody ever sees a part. A
/// record that comes later gets a row of its own, which the next run merges.
/// </remarks>
public sealed class RollupMerge(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    // Requests that ran long and edges that lag count in the hours before; merging those would only be to be done again.
    private const int HoursLeft = 2;

    // What comes later than that is merged after the next start: to look through all hours every hour would cost more than it saves.
    private const int HoursAgain = 48;

    // Those who wait for SQLite ask again only so often.
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

        // One edge merges at a time; whoever has waited finds what is left.
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
