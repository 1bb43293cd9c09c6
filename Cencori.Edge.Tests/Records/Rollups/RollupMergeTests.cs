using System.Text;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Records.Rollups;

/// <summary>Merging rows of past hours changes no sum; on each database system.</summary>
public sealed class RollupMergeTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Sums_match_the_rows_at_every_moment_of_concurrent_writes_and_merges(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var writing = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => WriteAsync(edge, batches: 15))));
        var merging = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!writing.IsCompleted)
            {
                await MergeAsync(edge);
            }
        })).ToList();
        while (!writing.IsCompleted)
        {
            // A shadow (outcome 6) has a row but is not counted as a request.
            Assert.Equal(0, await edge.ReadAsync(database => database.Database.SqlQuery<long>(
                $"""
                SELECT (SELECT COUNT(*) FROM request_records WHERE "Outcome" <> 6) - CAST(COALESCE((SELECT SUM("Requests") FROM usage_rollups), 0) AS BIGINT) AS "Value"
                """).SingleAsync()));
        }

        await writing;
        await Task.WhenAll(merging);
        var over = RollupKey.HourOf(Some.Now) - 2;
        await MergeAsync(edge);

        Assert.Equal(3 * 15 * 50, (await edge.RowsAsync()).Count);
        await edge.AssertRollupsAreTheSumOfRowsAsync();
        var merged = (await edge.RollupsAsync()).Where(row => row.Hour < over).ToList();
        Assert.Contains(merged, row => row.WriterId == RollupTable.Merged);

        // An hour with a single writer is not merged; this may be the oldest hour.
        Assert.All(merged.GroupBy(row => (row.Hour, row.ProjectId)), rows => Assert.Single(rows.Select(row => row.WriterId).Distinct()));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Cached_rows_of_a_merged_hour_are_not_counted_again(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        using var idle = NewStore(edge);
        using var other = NewStore(edge);
        var late = Some.Record(at: Some.Now.AddHours(-4));
        await other.WriteAsync(other.WriterId, new[] { new PendingRecord(late, 1, HasRow: true) }, default);
        for (var sequence = 1; sequence <= 3; sequence++)
        {
            await idle.WriteAsync(idle.WriterId, new[] { new PendingRecord(late, sequence, HasRow: true) }, default);
            await MergeAsync(edge);
        }

        Assert.Equal(4, Assert.Single(await edge.RollupsAsync()).Requests);
        await edge.AssertRollupsAreTheSumOfRowsAsync();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Metrics_are_the_same_before_and_after_a_merge(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var period = MetricsPeriod.Find("7d", Some.Now)!;
        await WriteAsync(edge, batches: 4);
        await WriteAsync(edge, batches: 4);
        var before = await AskAsync(edge, period);
        var rows = (await edge.RollupsAsync()).Count;
        await MergeAsync(edge);

        Assert.Equal(before, await AskAsync(edge, period));
        Assert.True((await edge.RollupsAsync()).Count < rows);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Rows_of_a_single_writer_are_not_merged(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await WriteAsync(edge, batches: 4);
        await MergeAsync(edge);

        Assert.DoesNotContain(await edge.RollupsAsync(), row => row.WriterId == RollupTable.Merged);
    }

    /// <summary>Writes records of the last hours as a separate edge.</summary>
    private static async Task WriteAsync(RunningEdge edge, int batches)
    {
        using var store = NewStore(edge);
        var records = Some.AnyRecord.Array[batches * 50].Single();
        var pending = records.Select((record, index) => new PendingRecord(record, index + 1, HasRow: true)).ToArray();
        for (var batch = 0; batch < batches; batch++)
        {
            await store.WriteAsync(store.WriterId, pending.AsMemory(batch * 50, 50), default);
        }
    }

    private static RecordStore NewStore(RunningEdge edge) => new(edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), TimeProvider.System);

    private static Task MergeAsync(RunningEdge edge) => edge.Services.GetRequiredService<RollupMerge>().RunAsync(default);

    private static async Task<string> AskAsync(RunningEdge edge, MetricsPeriod period) => Encoding.UTF8.GetString(MetricsResponse.Format(
        period, await edge.Services.GetRequiredService<MetricsQuery>().RunAsync("prj_1", KeyEnvironment.Production, period.Start, period.End, default)).Span);
}
