using System.Diagnostics.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Telemetry;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Cencori.Edge.Tests.Records.Spool;

/// <summary>An edge stores the readable records of damaged spools, and reports the unreadable bytes.</summary>
public sealed class UnreadableSpoolTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("edge-");

    private string SpoolDirectory => Path.Combine(_directory.FullName, "spool");

    [Fact]
    public async Task Records_after_damage_and_further_spools_are_stored()
    {
        Directory.CreateDirectory(SpoolDirectory);
        File.WriteAllText(Path.Combine(SpoolDirectory, "stranger.spool"), "This is no spool.");
        Spool(writer: 1, from: 0, to: 10);
        Damage(Path.Combine(SpoolDirectory, "0000000000000001.spool"));
        Spool(writer: 2, from: 10, to: 20);

        await using (var edge = await RunningEdge.StartAsync(dataDirectory: _directory.FullName))
        {
            await Eventually.IsTrueAsync(async () => (await edge.RowsAsync()).Count == 19);
            await Eventually.IsTrueAsync(() => Directory.GetFiles(SpoolDirectory, "*.spool").Length == 0);
            await edge.AssertRollupsAreTheSumOfRowsAsync();
            Assert.Equal(2, edge.Logs.Lines.Count(line => line.EventName == "SpoolUnreadable"));
            Assert.Equal(2, Directory.GetFiles(SpoolDirectory, "*" + UnreadableSpool.Extension).Length);
        }
    }

    [Fact]
    public async Task Bytes_set_aside_are_counted()
    {
        await using var edge = await RunningEdge.StartAsync(dataDirectory: _directory.FullName);
        using var unreadable = new MetricCollector<long>(edge.Services.GetRequiredService<IMeterFactory>(), EdgeTelemetry.MeterName, RecordMeters.UnreadableName);
        Spool(writer: 1, from: 0, to: 1);
        var file = Path.Combine(SpoolDirectory, "0000000000000001.spool");
        Damage(file);
        var length = new FileInfo(file).Length;
        using var left = Assert.Single(RecordSpool.TakeOver(SpoolDirectory));

        Assert.True(await edge.Services.GetRequiredService<SpoolReplay>().TryAsync(left, default));
        Assert.Equal(length, unreadable.GetMeasurementSnapshot().Sum(measured => measured.Value));
    }

    [Fact]
    public async Task An_unexpected_error_is_logged_once_and_does_not_end_the_replay()
    {
        await using var edge = await RunningEdge.StartAsync(dataDirectory: _directory.FullName);
        var replay = edge.Services.GetRequiredService<SpoolReplay>();

        Assert.False(await replay.TrySafelyAsync(() => throw new IOException("Too many open files."), CancellationToken.None));
        Assert.False(await replay.TrySafelyAsync(() => throw new InvalidOperationException("Nobody expects it."), CancellationToken.None));
        Assert.True(await replay.TrySafelyAsync(() => Task.FromResult(true), CancellationToken.None));

        Assert.Single(edge.Logs.Lines, line => line.EventName == "SpoolReplayFailed");
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_directory.FullName);
    }

    private void Spool(long writer, int from, int to)
    {
        using var spool = new RecordSpool(SpoolDirectory, writer, maxBytes: 1_000_000);
        spool.TryAppend([.. Enumerable.Range(from, to - from).Select(number => new PendingRecord(Some.Record(id: $"{number}"), number - from + 1, HasRow: true))]);
    }

    private static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
