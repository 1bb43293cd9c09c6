using System.Diagnostics;
using Cencori.Edge.Hosting;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Metrics;

/// <summary>
/// What it costs to keep records, and how long <c>/v1/metrics</c> takes over a month of them. Takes the number of records (default 10
/// million), the number of keys that are busy evenly (default 1) and, after them, settings of the edge such as
/// <c>--Storage:Provider=Postgres</c>.
/// </summary>
internal static class MetricsBench
{
    private const int BatchSize = 2_500;
    private const int Models = 20;

    // Until the edge has started and what is measured is compiled.
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

        var making = TimeSpan.Zero;
        var cpu = TimeSpan.Zero;
        var clock = Stopwatch.StartNew();
        var measured = 0;
        for (var done = 0; done < count; done += BatchSize)
        {
            if (done == WarmUp)
            {
                await Task.Delay(Settling);
            }

            if (done <= WarmUp)
            {
                (making, cpu, measured) = (TimeSpan.Zero, Process.GetCurrentProcess().TotalProcessorTime, count - done);
                clock.Restart();
            }

            var began = Stopwatch.GetTimestamp();
            var batch = Enumerable.Range(done, BatchSize).Select(number => new PendingRecord(Make(random, now, count, keys, number), number + 1, HasRow: true)).ToArray();
            making += Stopwatch.GetElapsedTime(began);
            await store.WriteAsync(store.WriterId, batch, default);
        }

        cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu - making;
        Console.WriteLine(
            $"{measured:N0} records in {clock.Elapsed.TotalSeconds:0} s, {cpu.TotalMicroseconds / measured:0.0} µs of this process's CPU each (made in {making.TotalSeconds:0.0} s beside that), after {count - measured:N0} to warm up");
        foreach (var period in (string[])["1h", "24h", "7d", "30d", "mtd"])
        {
            var times = new List<double>();
            for (var run = 0; run < 11; run++)
            {
                var began = Stopwatch.GetTimestamp();
                var asked = MetricsPeriod.Find(period, now)!;
                MetricsAnswer.Format(asked, await query.RunAsync("prj_bench", KeyEnvironment.Production, asked.Start, asked.End, default));
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            Console.WriteLine($"{period,4}: first {times[0]:0} ms, median {times.Order().ElementAt(5):0} ms");
        }

        await app.StopAsync();
        directory.Delete(recursive: true);
    }

    private static RequestRecord Make(Random random, DateTimeOffset now, int count, int keys, int number) => new()
    {
        RequestId = $"req_{number:x32}",
        StartedAt = now.AddSeconds(-30.0 * 86_400 * (1 - ((double)number / count))),
        ProjectId = "prj_bench",
        KeyId = $"key_0198a5b2c3d47e8f9a0b1c2d{number % keys:x8}",
        Environment = KeyEnvironment.Production,
        Door = "POST /v1/chat/completions",
        ModelAsked = $"model-{number % Models}",
        ModelServed = $"model-{number % Models}",
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
        ClientAddress = "203.0.113.7",
    };
}
