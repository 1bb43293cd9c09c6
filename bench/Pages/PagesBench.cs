using System.Diagnostics;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Hosting;
using Cencori.Edge.Metrics;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Pages;

/// <summary>
/// Measures the dashboard's reads over many records: twenty filters of the logs, usage, and the overview page. Arguments: the number of records
/// (default 10 million), then <c>--keep=&lt;directory&gt;</c>, which keeps the records for the next run, and settings of the edge such as
/// <c>--Storage:Provider=Postgres</c>. Exit code 1 when one in twenty reads takes 300 ms or more, or any read takes a second.
/// </summary>
internal static class PagesBench
{
    private const string Keep = "--keep=";
    private const int Runs = 21;

    private static async Task<int> Main(string[] args)
    {
        var count = args is [var first, ..] && int.TryParse(first, out var given) ? given : 10_000_000;
        var kept = Array.Find(args, arg => arg.StartsWith(Keep, StringComparison.Ordinal))?[Keep.Length..];
        var directory = kept is null ? Directory.CreateTempSubdirectory("bench-pages-") : Directory.CreateDirectory(kept);

        // Retention must keep the records when a later run uses them again.
        string[] defaults =
        [
            "--urls=http://127.0.0.1:0", $"--Storage:DataDirectory={directory.FullName}", "--Logging:LogLevel:Default=Warning", "--Usage:RecordRetentionDays=365",
        ];
        await using var app = Program.Build([.. defaults, .. args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal) && !arg.StartsWith(Keep, StringComparison.Ordinal))]);
        await Welcome.PrepareAsync(app.Services);
        await app.StartAsync();
        var now = await Filling.EnsureAsync(app.Services, Path.Combine(directory.FullName, "records.txt"), count);

        var times = new List<double>();
        foreach (var (name, read) in Reads(app.Services, now, count))
        {
            var own = new List<double>();
            var cpu = Environment.CpuUsage.TotalTime;
            for (var run = 0; run < Runs; run++)
            {
                var began = Stopwatch.GetTimestamp();
                try
                {
                    await read();
                }
                catch (DatabaseBusyException)
                {
                    // The read was cancelled after its two seconds, and counts as two seconds.
                }

                own.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            times.AddRange(own);
            Console.WriteLine(
                $"{name,-40} first {own[0],7:0.0}  p50 {Rank(own, 0.5),7:0.0}  p95 {Rank(own, 0.95),7:0.0}  max {own.Max(),7:0.0} ms  CPU {(Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / Runs,7:0.0} ms");
        }

        Console.WriteLine($"{"all",-40} p50 {Rank(times, 0.5):0.0}  p95 {Rank(times, 0.95):0.0}  max {times.Max():0.0} ms");
        await app.StopAsync();
        if (kept is null)
        {
            directory.Delete(recursive: true);
        }

        return Rank(times, 0.95) < 300 && times.Max() < 1_000 ? 0 : 1;
    }

    private static double Rank(List<double> times, double share) => times.Order().ElementAt((int)Math.Ceiling(share * times.Count) - 1);

    private static IEnumerable<(string Name, Func<Task> Read)> Reads(IServiceProvider services, DateTimeOffset now, int count)
    {
        var logs = services.GetRequiredService<LogReader>();
        var usage = services.GetRequiredService<UsageReader>();
        var (large, small) = (Traffic.ProjectOf(0), Traffic.ProjectOf(Traffic.Projects - 1));
        var month = new LogFilter { From = now.AddDays(-30) };
        var day = new LogFilter { From = now.AddDays(-1) };
        var errors = LogStatus.Parse("error")!;
        foreach (var (name, project, filter) in new (string, string, LogFilter)[]
        {
            ("24 h", large, day),
            ("30 d", large, month),
            ("30 d, small project", small, month),
            ("24 h, a key", large, day with { Keys = [Traffic.KeyOf(0)] }),
            ("30 d, a key no longer used", large, month with { Keys = [Traffic.OldKey] }),
            ("30 d, a key that never existed", large, month with { Keys = ["nobody"] }),
            ("24 h, errors", large, day with { Statuses = [errors] }),
            ("30 d, errors", large, month with { Statuses = [errors] }),
            ("around the burst, errors", large, new() { From = now.AddDays(-21), To = now.AddDays(-20), Statuses = [errors] }),
            ("30 d, errors of a key no longer used", large, month with { Keys = [Traffic.OldKey], Statuses = [errors] }),
            ("30 d, 4xx (there is none)", large, month with { Statuses = [LogStatus.Parse("4xx")!] }),
            ("30 d, rate limited (there is none)", large, month with { Statuses = [LogStatus.Parse("rate_limited")!] }),
            ("30 d, a model", large, month with { ServedModels = [Traffic.ModelOf(Traffic.Models - 1)] }),
            ("30 d, a requested model that never existed", large, month with { Models = ["gpt-6"] }),
            ("30 d, small project, a model", small, month with { Models = [Traffic.ModelOf(Traffic.Models - 1)] }),
            ("30 d, a provider and test", large, month with { Providers = ["anthropic"], Environment = KeyEnvironment.Test }),
            ("30 d, an endpoint", large, month with { Endpoints = ["POST /v1/embeddings"] }),
            ("30 d, an agent's errors", large, month with { Agents = ["agent-0"], Statuses = [errors] }),
            ("30 d, an error code", large, month with { Errors = ["PROVIDER_ERROR"] }),
            ("30 d, unpriced (there is none)", large, month with { IsUnpriced = true }),
        })
        {
            yield return (name, () => logs.ReadAsync(project, filter, default, 50, LogBudget.Page, default));
        }

        yield return ("bars of 30 d", () => logs.BarsAsync(large, month, UsageStep.Day, default));
        yield return ("count with a filter that roll-ups lack", () => logs.CountAsync(large, month with { Endpoints = ["POST /v1/embeddings"] }, default));
        yield return ("what has arrived", () => logs.FollowAsync(large, new(), $"{count - 100}", default));
        foreach (var group in Enum.GetValues<UsageGroup>())
        {
            yield return ($"usage of 30 d by {group}", () => usage.ReadAsync(new() { ProjectId = large, From = now.AddDays(-30), To = now, Group = group, Step = UsageStep.Day }, default));
        }

        yield return ("usage of 24 h by model", () => usage.ReadAsync(new() { ProjectId = large, From = now.AddDays(-1), To = now, Group = UsageGroup.Model }, default));
        yield return ("usage of 1 h by minute and model", () => usage.ReadAsync(new() { ProjectId = large, From = now.AddHours(-1), To = now, Group = UsageGroup.Model, Step = UsageStep.Minute }, default));
        yield return ("usage of a key by model, 30 d", () => usage.ReadAsync(new() { ProjectId = large, From = now.AddDays(-30), To = now, Group = UsageGroup.Model, Keys = [Traffic.KeyOf(0)], Step = UsageStep.Day }, default));
        yield return ("cards of all projects, not cached", () => ActivatorUtilities.CreateInstance<ProjectCards>(services).ReadAsync(default));
    }
}
