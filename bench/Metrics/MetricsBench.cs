using System.Diagnostics;
using Cencori.Edge.Hosting;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Metrics;

/// <summary>
/// Measures the cost of keeping records, and the latency of <c>/v1/metrics</c> over a month of them. Arguments: the number of records (default 10
/// million), the number of evenly used keys (default 1), and then settings of the edge such as <c>--Storage:Provider=Postgres</c>.
/// </summary>
internal static class MetricsBench
{
    private const int MadeAtOnce = 50 * RecordWriter.BatchSize;
    private const int Models = 20;
    private const string Project = "0198a5b2-c3d4-7e8f-9a0b-1c2d3e4f5a6b";
    private static readonly string[] ModelNames = [.. Enumerable.Range(0, Models).Select(number => number < Models / 2 ? $"gpt-5.{number}-mini" : $"claude-sonnet-4-{number}")];

    // Enough for the edge's start and for compilation of the measured code.
    private const int WarmUp = 200_000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    private static async Task Main(string[] args)
    {
        var count = args is [var first, ..] && int.TryParse(first, out var given) ? given : 10_000_000;
        var keys = args is [_, var second, ..] && int.TryParse(second, out given) ? given : 1;
        var directory = Directory.CreateTempSubdirectory("bench-metrics-");
        string[] defaults = ["--urls=http://127.0.0.1:0", $"--Storage:DataDirectory={directory.FullName}"];
        await using var app = Program.Build([.. defaults, .. args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal))]);
        await Welcome.PrepareAsync(app.Services);
        await app.StartAsync();
        var store = app.Services.GetRequiredService<RecordStore>();
        var query = app.Services.GetRequiredService<MetricsQuery>();
        var random = new Random(1);
        var now = DateTimeOffset.UtcNow;

        var cpu = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        var measured = 0;
        var size = await SizeAsync(app.Services);
        for (var done = 0; done < count; done += MadeAtOnce)
        {
            if (done == WarmUp)
            {
                await Task.Delay(Settling);
            }

            if (done <= WarmUp)
            {
                (cpu, measured) = (TimeSpan.Zero, count - done);
                clock.Restart();
            }

            // Creating records, and the garbage from it, is the cost of requests, so it is not measured.
            var records = Enumerable.Range(done, Math.Min(MadeAtOnce, count - done)).Select(number => new PendingRecord(Make(random, now, count, keys, number), number + 1, HasRow: true)).ToArray();
            GC.Collect();
            var began = Environment.CpuUsage.TotalTime;
            for (var stored = 0; stored < records.Length; stored += RecordWriter.BatchSize)
            {
                await store.WriteAsync(store.WriterId, records.AsMemory(stored, Math.Min(RecordWriter.BatchSize, records.Length - stored)), default);
            }

            cpu += Environment.CpuUsage.TotalTime - began;
        }

        Console.WriteLine(
            $"{measured:N0} records in {clock.Elapsed.TotalSeconds:0} s, {cpu.TotalMicroseconds / measured:0.00} µs of this process's CPU each (without creating them), after {count - measured:N0} records to warm up");
        Console.WriteLine($"{(await SizeAsync(app.Services) - size) / (double)count:0} bytes of database each");
        foreach (var period in (string[])["1h", "24h", "7d", "30d", "mtd"])
        {
            var times = new List<double>();
            for (var run = 0; run < 11; run++)
            {
                var began = Stopwatch.GetTimestamp();
                var asked = MetricsPeriod.Find(period, now)!;
                MetricsResponse.Format(asked, await query.RunAsync(Project, KeyEnvironment.Production, asked.Start, asked.End, default));
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            Console.WriteLine($"{period,4}: first {times[0]:0} ms, median {times.Order().ElementAt(5):0} ms");
        }

        await app.StopAsync();
        directory.Delete(recursive: true);
    }

    /// <summary>Size of the tables with their indexes, in bytes.</summary>
    private static async Task<long> SizeAsync(IServiceProvider services)
    {
        await using var database = await services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        return database.Database.IsSqlite()
            ? await database.Database.SqlQueryRaw<long>("SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) AS \"Value\"").SingleAsync()
            : await database.Database.SqlQueryRaw<long>("SELECT CAST(pg_database_size(current_database()) AS BIGINT) AS \"Value\"").SingleAsync();
    }

    private static RequestRecord Make(Random random, DateTimeOffset now, int count, int keys, int number) => new()
    {
        RequestId = $"req_{now.ToUnixTimeMilliseconds():x12}7{random.Next(0x1000):x3}{0x8000_0000_0000_0000 | (ulong)random.NextInt64(0x4000_0000_0000_0000):x16}",
        StartedAt = now.AddSeconds(-30.0 * 86_400 * (1 - ((double)number / count))),
        ProjectId = Project,
        KeyId = $"0198a5b2-c3d4-7e8f-9a0b-1c2d{number % keys:x8}",
        Environment = KeyEnvironment.Production,
        Endpoint = "POST /v1/chat/completions",
        ModelAsked = ModelNames[number % Models],
        ModelServed = ModelNames[number % Models],
        Provider = number % Models < Models / 2 ? "openai" : "anthropic",
        CredentialHint = "abcd",
        IsStream = true,
        Status = 200,
        Outcome = number % 50 == 0 ? RequestOutcome.Error : RequestOutcome.Success,
        PromptTokens = random.Next(4_000),
        CompletionTokens = random.Next(1_000),
        CostUsd = random.Next(1_000_000) / 100_000_000m,
        FirstByteMicroseconds = 200_000,
        DurationMicroseconds = (long)(1_000_000 * Math.Exp((random.NextDouble() - 0.5) * 4)),
        EdgeMicroseconds = 80,
        ClientAddress = $"203.0.113.{random.Next(1, 255)}",
    };
}
