using System.Diagnostics.Metrics;
using System.Net;
using Cencori.Edge.Records;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Hosting;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Npgsql;
using SQLitePCL;

namespace Cencori.Edge.Tests.Storage;

/// <summary>With full storage, the edge reports it everywhere, serves requests, and recovers by itself.</summary>
public sealed class StorageFullTests
{
    [Fact]
    public async Task A_full_database_is_reported_and_recovers()
    {
        var database = new FullDatabase();
        await using var edge = await RunningEdge.StartAsync(configure: database.Watch);
        var project = await edge.CreateProjectAsync();
        var key = await edge.CreateKeyAsync(project, environment: "test");
        Assert.Equal("ok", (await HealthResponse.UntilAsync(edge.Http, "ready")).Checks["storage"]);

        // Free pages inside the file would be used first.
        await edge.ReadAsync(context => context.Database.ExecuteSqlRawAsync("VACUUM"));
        database.IsFull = true;
        await AssertToldAsync(edge, project, key);
        await GaugeIsAsync(edge, 0);
        using var agent = await edge.PostAsync(key, "/v1/agents", new { name = "a", config = new { system_prompt = new string('x', 32_000) } });
        var refusal = await agent.ErrorAsync();
        Assert.Equal(503, refusal.Status);
        Assert.StartsWith("Nothing has been stored", refusal.Message, StringComparison.Ordinal);

        database.IsFull = false;
        await HealthResponse.UntilAsync(edge.Http, "ready");
        await GaugeIsAsync(edge, 1);
        await edge.CreateKeyAsync(project);
        await AssertOneLineAsync(edge);
    }

    [SmallDiskFact]
    public async Task A_full_data_directory_is_reported_without_writes_and_recovers()
    {
        using var disk = SmallDisk.TryMount()!;
        await using var edge = await RunningEdge.StartAsync(dataDirectory: Path.Combine(disk.Path, "data"));
        var project = await edge.CreateProjectAsync();
        var key = await edge.CreateKeyAsync(project, environment: "test");
        await edge.Records().FlushAsync();

        // Closes all connections, as in an edge that has had no requests for a while.
        SqliteConnection.ClearAllPools();
        await Eventually.IsTrueAsync(async () =>
        {
            disk.Fill();
            return (await HealthResponse.ReadAsync(edge.Http)).Status == "degraded";
        });
        Assert.Equal("full", (await HealthResponse.UntilAsync(edge.Http, "degraded")).Checks["storage"]);
        await AssertToldAsync(edge, project, key);

        // A few records may still fit into existing pages.
        await Eventually.IsTrueAsync(async () =>
        {
            disk.Fill();
            using var more = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
            await edge.Records().DrainAsync();
            return edge.Services.GetRequiredService<RecordMeters>().Dropped > 0;
        });

        disk.MakeRoom();
        await HealthResponse.UntilAsync(edge.Http, "ready");
        await edge.CreateKeyAsync(project);
        using var response = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat, ("X-Request-Id", "when-there-was-room"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await response.Content.LoadIntoBufferAsync();
        await edge.RowAsync(row => row.RequestId == "when-there-was-room");
        await AssertOneLineAsync(edge);
        SqliteConnection.ClearAllPools();
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, raw.SQLITE_FULL, StorageFault.Full)]
    [InlineData(raw.SQLITE_IOERR, raw.SQLITE_IOERR_WRITE, StorageFault.Full)]
    [InlineData(raw.SQLITE_IOERR, raw.SQLITE_IOERR_FSYNC, StorageFault.Unwritable)]
    [InlineData(raw.SQLITE_READONLY, raw.SQLITE_READONLY, StorageFault.Unwritable)]
    [InlineData(raw.SQLITE_CANTOPEN, raw.SQLITE_CANTOPEN, StorageFault.Unwritable)]
    [InlineData(raw.SQLITE_BUSY, raw.SQLITE_BUSY, StorageFault.None)]
    [InlineData(raw.SQLITE_CONSTRAINT, raw.SQLITE_CONSTRAINT_UNIQUE, StorageFault.None)]
    public void SQLite_errors_are_classified(int code, int extended, StorageFault fault)
    {
        var reported = new SqliteException("", code, extended);
        Assert.Equal(fault, StorageFaults.Of(reported));
        Assert.Equal(fault, StorageFaults.Of(new DbUpdateException("", reported)));
    }

    [Theory]
    [InlineData(PostgresErrorCodes.DiskFull, StorageFault.Full)]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, StorageFault.Unwritable)]
    [InlineData(PostgresErrorCodes.AdminShutdown, StorageFault.None)]
    public void PostgreSQL_errors_are_classified(string state, StorageFault fault) =>
        Assert.Equal(fault, StorageFaults.Of(new DbUpdateException("", new PostgresException("", "ERROR", "ERROR", state))));

    // Callers are served. Administration requests and the health endpoint report the full storage.
    private static async Task AssertToldAsync(RunningEdge edge, string project, string key)
    {
        for (var tries = 0; ; tries++)
        {
            // Existing pages may have room.
            using var created = await edge.Admin.PostAsync($"/api/projects/{project}/api-keys", RunningEdge.Json(new { name = new string('n', 100), key_type = "secret", environment = "test" }));
            if (created.StatusCode != HttpStatusCode.OK && created.StatusCode != HttpStatusCode.Created)
            {
                var refusal = await created.ErrorAsync();
                Assert.Equal((503, "INTERNAL_ERROR"), (refusal.Status, refusal.Code));
                Assert.Contains("no room left", refusal.Message, StringComparison.Ordinal);
                Assert.NotNull(created.Headers.RetryAfter);
                break;
            }

            Assert.True(tries < 200, "The storage is still not full after 200 tries.");
        }

        var health = await HealthResponse.UntilAsync(edge.Http, "degraded");
        Assert.Equal((200, "full", "ok"), (health.Code, health.Checks["storage"], health.Checks["database"]));
        for (var served = 0; served < 20; served++)
        {
            using var response = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    // Reads the gauge of this edge directly: /metrics has the gauges of all edges in this process, and may be some hundred milliseconds old.
    private static Task GaugeIsAsync(RunningEdge edge, int value) => Eventually.IsTrueAsync(() =>
    {
        using var gauge = new MetricCollector<int>(edge.Services.GetRequiredService<IMeterFactory>(), EdgeTelemetry.MeterName, StorageMonitor.GaugeName);
        gauge.RecordObservableInstruments();
        return gauge.LastMeasurement?.Value == value;
    });

    private static async Task AssertOneLineAsync(RunningEdge edge)
    {
        await Eventually.IsTrueAsync(() => edge.Logs.Lines.Any(line => line.EventName == "CanStore"));
        Assert.Single(edge.Logs.Lines, line => line.EventName == "CannotStore");
        Assert.InRange(edge.Logs.Lines.Count(line => line.EventName is "RecordsSpooled" or "RecordsDropped"), 0, 4);
        Assert.DoesNotContain(edge.Logs.Lines, line => line.EventName == "UnhandledException");
    }
}
