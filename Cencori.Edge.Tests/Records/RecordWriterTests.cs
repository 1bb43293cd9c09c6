using Cencori.Edge.Records;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Records;

/// <summary>Every record is stored completely and once, on each database system.</summary>
public sealed class RecordWriterTests
{
    [Theory, OnSqlite, OnPostgres]
    public async Task A_record_is_read_back_unchanged(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var bare = new RequestRecord
        {
            RequestId = "req_bare", StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123), ProjectId = "prj_1", KeyId = "key_1", Environment = KeyEnvironment.Test,
            Endpoint = "GET /v1/*", IsStream = false, Status = 499, Outcome = RequestOutcome.Cancelled, DurationMicroseconds = 7, EdgeMicroseconds = 3,
        };
        var full = Some.Record(at: DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_456), cost: 1.234_567_890_123m);
        edge.Records().Write(bare);
        edge.Records().Write(full);
        await edge.StoredAsync();

        Assert.Equivalent(new[] { bare, full }, await edge.RowsAsync(), strict: true);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Records_of_many_threads_are_all_stored_and_the_rollups_are_their_sum(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var records = Some.AnyRecord.Where(record => record.Outcome != RequestOutcome.RateLimited).Array[5_000].Single();
        Parallel.ForEach(records, edge.Records().Write);
        await edge.StoredAsync();

        var rows = await edge.RowsAsync();
        Assert.Equal(records.Select(record => record.DurationMicroseconds).Order(), rows.Select(row => row.DurationMicroseconds).Order());
        await edge.AssertRollupsAreTheSumOfRowsAsync();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Records_are_stored_soon_without_a_flush(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        edge.Records().Write(Some.Record());

        await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count == 1);
    }

    [Fact]
    public async Task A_writer_that_is_stopped_before_it_has_started_stores_its_records()
    {
        await using var edge = await RunningEdge.StartAsync();
        using var writer = ActivatorUtilities.CreateInstance<RecordWriter>(edge.Services);
        writer.Write(Some.Record());

        // A cancelled start: the writer does not run, as when no thread is free to run it.
        await writer.StartAsync(new CancellationToken(canceled: true));
        await writer.StopAsync(default);
        Assert.Equal(0, writer.Pending);
        Assert.Single(await edge.RowsAsync());
    }

    [Fact]
    public async Task Dropped_records_are_logged_once_a_minute()
    {
        await using var edge = await RunningEdge.StartAsync();
        var clock = new FakeTimeProvider(Some.Now);
        using var writer = ActivatorUtilities.CreateInstance<RecordWriter>(edge.Services, clock);

        // The writer does not run, so its queue only fills.
        var record = Some.Record();
        for (var number = 0; number < 60_000; number++)
        {
            writer.Write(record);
        }

        Assert.Single(edge.Logs.Lines, line => line.EventName == "RecordsDropped");
        clock.Advance(TimeSpan.FromMinutes(1));
        writer.Write(record);
        Assert.Equal(2, edge.Logs.Lines.Count(line => line.EventName == "RecordsDropped"));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Text_that_no_database_can_store_is_replaced(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        foreach (var text in (string[])["a\0b", "half \uD83D", new string('x', 5_000), "ü€ 模型"])
        {
            edge.Records().Write(Some.Record(model: text));
        }

        await edge.StoredAsync();

        Assert.Equal(["a\uFFFDb", "half \uFFFD", new string('x', 256), "ü€ 模型"], (await edge.RowsAsync()).Select(row => row.ModelServed));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task All_rate_limit_refusals_count_and_ten_per_second_and_project_have_a_row(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var second = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        for (var number = 0; number < 200; number++)
        {
            edge.Records().Write(Some.Record("prj_1", RequestOutcome.RateLimited, second.AddSeconds(number / 100)));
            edge.Records().Write(Some.Record("prj_2", RequestOutcome.RateLimited, second));
        }

        await edge.StoredAsync();

        Assert.Equal(30, (await edge.RowsAsync()).Count);
        Assert.Equal([200, 200], (await edge.RollupsAsync()).Select(row => row.RateLimited));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Models_beyond_the_limit_share_one_row(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        for (var number = 0; number < 700; number++)
        {
            edge.Records().Write(Some.Record(at: DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), model: $"made-up-{number}"));
        }

        await edge.StoredAsync();

        var rollups = await edge.RollupsAsync();
        Assert.InRange(rollups.Count, 1, 501);
        Assert.Equal(700, rollups.Sum(row => row.Requests));
        Assert.Equal(200, rollups.Single(row => row.Model == "_OTHER").Requests);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_repeated_batch_counts_once(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var store = edge.Services.GetRequiredService<RecordStore>();
        var batch = Enumerable.Range(1, 10).Select(number => new PendingRecord(Some.Record(), number, HasRow: true)).ToArray();

        Assert.Equal(10, await store.WriteAsync(7, batch, default));
        Assert.Equal(0, await store.WriteAsync(7, batch, default));
        Assert.Equal(1, await store.WriteAsync(7, new[] { batch[9], batch[9] with { Sequence = 11 } }, default));
        Assert.Equal(10, await store.WriteAsync(8, batch, default));
        Assert.Equal(21, (await edge.RowsAsync()).Count);
        await edge.AssertRollupsAreTheSumOfRowsAsync();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_cancelled_write_is_never_counted_twice(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var store = edge.Services.GetRequiredService<RecordStore>();
        var batch = Enumerable.Range(1, 2_000).Select(number => new PendingRecord(Some.Record(), number, HasRow: true)).ToArray();
        await store.WriteAsync(store.WriterId, batch.AsMemory(0, 10), default);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(attempt * 3), TimeProvider.System);
            await Task.WhenAny(Task.Run(() => store.WriteAsync(store.WriterId, batch, limit.Token)));
        }

        await store.WriteAsync(store.WriterId, batch, default);
        Assert.Equal(2_000, (await edge.RowsAsync()).Count);
        await edge.AssertRollupsAreTheSumOfRowsAsync();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Only_expired_records_are_deleted(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var now = Some.Now;
        for (var number = 0; number < 1_200; number++)
        {
            edge.Records().Write(Some.Record(id: "old", at: now.AddDays(-31)));
        }

        edge.Records().Write(Some.Record(id: "older", at: now.AddMonths(-14)));
        edge.Records().Write(Some.Record(id: "new", at: now.AddDays(-29)));
        await edge.StoredAsync();
        var retention = edge.Services.GetRequiredService<Retention>();
        await Task.WhenAll(retention.DeleteAsync(default), retention.DeleteAsync(default));

        Assert.Equal("new", Assert.Single(await edge.RowsAsync()).RequestId);
        Assert.Equal([1, 1_200], (await edge.RollupsAsync()).Select(row => row.Requests).Order());

        // The writer of merged rows has a negative id and is not counted.
        Assert.Equal(1, await edge.ReadAsync(database => database.UsageWriters.CountAsync(writer => writer.Id >= 0)));
    }
}
