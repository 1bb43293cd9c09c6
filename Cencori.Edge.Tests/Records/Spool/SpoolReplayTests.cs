using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Records.Spool;

/// <summary>After an outage of the database, every record is stored once.</summary>
public sealed class SpoolReplayTests
{
    [OwnPostgresFact]
    [Trait(SlowestTests.Trait, "A database server restarts.")]
    public async Task After_a_database_outage_every_record_is_stored_once_and_in_order()
    {
        await using var server = await OwnPostgres.StartAsync();
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(server.ConnectionString));
        await WriteAsync(edge, 0, 300);
        await server.StopAsync();
        await WriteAsync(edge, 300, 700);
        Assert.Single(SpoolsOf(edge));

        await server.StartAgainAsync();
        await WriteAsync(edge, 700, 1_000);
        await AssertStoredAsync(edge, 1_000);
        Assert.DoesNotContain(edge.Logs.Lines, line => line.Text.Contains("recognisable", StringComparison.Ordinal));
    }

    [OwnPostgresFact]
    [Trait(SlowestTests.Trait, "The test waits for the timeout of the writer.")]
    public async Task Records_go_to_the_spool_when_the_database_hangs()
    {
        await using var server = await OwnPostgres.StartAsync();
        await using var edge = await RunningEdge.StartAsync(PostgresDatabase.SettingsOf(server.ConnectionString));
        await WriteAsync(edge, 0, 300);
        server.Pause();
        try
        {
            await WriteAsync(edge, 300, 600);
            Assert.Single(SpoolsOf(edge));
        }
        finally
        {
            server.Resume();
        }

        await WriteAsync(edge, 600, 700);
        await AssertStoredAsync(edge, 700);
    }

    [OwnPostgresFact]
    [Trait(SlowestTests.Trait, "A database server restarts.")]
    public async Task The_next_edge_stores_the_spool_of_an_edge_that_stopped_without_its_database()
    {
        await using var server = await OwnPostgres.StartAsync();
        var directory = Directory.CreateTempSubdirectory("edge-");
        var settings = PostgresDatabase.SettingsOf(server.ConnectionString);
        await using (var first = await RunningEdge.StartAsync(settings, dataDirectory: directory.FullName))
        {
            await WriteAsync(first, 0, 100);
            await server.StopAsync();
            Write(first, 100, 200);
        }

        Assert.Single(Directory.GetFiles(Path.Combine(directory.FullName, "spool")));
        await server.StartAgainAsync();
        await using (var second = await RunningEdge.StartAsync(settings, dataDirectory: directory.FullName))
        {
            await AssertStoredAsync(second, 200);
        }

        RunDirectory.Delete(directory.FullName);
    }

    [Fact]
    public async Task A_locked_database_file_counts_as_an_outage()
    {
        await using var edge = await RunningEdge.StartAsync();
        await WriteAsync(edge, 0, 100);
        await using (var locker = new SqliteConnection($"Data Source={Path.Combine(edge.DataDirectory, "edge.db")}"))
        {
            await locker.OpenAsync();
            await using var transaction = await locker.BeginTransactionAsync();
            await WriteAsync(edge, 100, 200);
            await WriteAsync(edge, 200, 300);
            Assert.Single(SpoolsOf(edge));
        }

        await AssertStoredAsync(edge, 300);
    }

    [Fact]
    public async Task With_a_full_spool_records_are_dropped_counted_and_logged()
    {
        await using var edge = await RunningEdge.StartAsync(["Usage:MaxSpoolBytes=20000"]);
        await using (var locker = new SqliteConnection($"Data Source={Path.Combine(edge.DataDirectory, "edge.db")}"))
        {
            await locker.OpenAsync();
            await using var transaction = await locker.BeginTransactionAsync();
            for (var number = 0; number < 30; number++)
            {
                await WriteAsync(edge, number * 10, (number * 10) + 10);
            }
        }

        var dropped = (int)edge.Services.GetRequiredService<RecordMeters>().Dropped;
        Assert.InRange(dropped, 100, 290);
        await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count == 300 - dropped);
        Assert.Contains(edge.Logs.Lines, line => line.EventName == "RecordsDropped");
    }

    [Fact]
    [Trait(SlowestTests.Trait, "A database server restarts.")]
    public async Task All_pending_records_are_stored_on_stop()
    {
        var directory = Directory.CreateTempSubdirectory("edge-");
        await using (var first = await RunningEdge.StartAsync(dataDirectory: directory.FullName))
        {
            Write(first, 0, 5_000);
        }

        await using (var second = await RunningEdge.StartAsync(dataDirectory: directory.FullName))
        {
            await AssertStoredAsync(second, 5_000);
        }

        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(directory.FullName);
    }

    [Fact]
    public async Task The_spool_of_a_process_that_ends_later_is_stored_too()
    {
        var directory = Directory.CreateTempSubdirectory("edge-");
        var clock = new FakeTimeProvider(Some.Now);
        using var other = new RecordSpool(Path.Combine(directory.FullName, "spool"), writerId: 7, maxBytes: 1_000_000);
        other.TryAppend([.. Enumerable.Range(0, 10).Select(number => new PendingRecord(Some.Record(id: $"{number}"), number + 1, HasRow: true))]);
        await using (var edge = await RunningEdge.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(clock), dataDirectory: directory.FullName))
        {
            edge.Records().Write(Some.Record(id: "own"));
            await StoredAsync(edge, clock, 1);
            Assert.Single(SpoolsOf(edge));

            other.Dispose();
            await StoredAsync(edge, clock, 11);
            await Eventually.IsTrueAsync(() => SpoolsOf(edge).Length == 0);
        }

        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(directory.FullName);
    }

    private static Task StoredAsync(RunningEdge edge, FakeTimeProvider clock, int count) => Eventually.IsTrueAsync(async () =>
    {
        clock.Advance(TimeSpan.FromSeconds(1));
        return (await edge.RowsAsync()).Count == count;
    });

    private static void Write(RunningEdge edge, int from, int to)
    {
        for (var number = from; number < to; number++)
        {
            edge.Records().Write(Some.Record(id: $"{number}"));
        }
    }

    private static async Task WriteAsync(RunningEdge edge, int from, int to)
    {
        Write(edge, from, to);
        await edge.Records().DrainAsync();
    }

    private static string[] SpoolsOf(RunningEdge edge) => Directory.GetFiles(Path.Combine(edge.DataDirectory, "spool"));

    private static async Task AssertStoredAsync(RunningEdge edge, int count)
    {
        await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count >= count);
        Assert.Equal(Enumerable.Range(0, count).Select(number => $"{number}"), (await edge.RowsAsync()).Select(row => row.RequestId));
        await edge.AssertRollupsAreTheSumOfRowsAsync();
        await Eventually.IsTrueAsync(() => !Directory.Exists(Path.Combine(edge.DataDirectory, "spool")) || SpoolsOf(edge).Length == 0);
    }
}
