using System.Text.Json.Nodes;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Metrics;

/// <summary>Usage on pages equals <c>/v1/metrics</c>, in every grouping. The same on each database system.</summary>
public sealed class UsageReaderTests
{
    private static readonly string[] Models = ["gpt-4o", "gpt-4o-mini", "claude", ""];

    // Truncated to milliseconds, as stored.
    private static DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Some.Now.ToUnixTimeMilliseconds());

    [Theory, OnSqlite, OnPostgres]
    public async Task Generated_traffic_adds_up_equally_in_every_group_and_in_the_metrics(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var project = await edge.CreateProjectAsync();
        var key = await edge.CreateKeyAsync(project);
        await StoreAsync(edge, Traffic(project, count: 3_000, hours: 50, seed: 7));
        foreach (var (period, length) in new[] { ("1h", TimeSpan.FromHours(1)), ("24h", TimeSpan.FromHours(24)), ("7d", TimeSpan.FromDays(7)) })
        {
            // The clock advances between the two requests, but no new record begins.
            var to = Now;
            var metrics = JsonNode.Parse(await (await edge.SendAsync(key, HttpMethod.Get, "/v1/metrics?period=" + period)).Content.ReadAsStringAsync())!;
            var from = DateTimeOffset.Parse((string)metrics["start_date"]!, System.Globalization.CultureInfo.InvariantCulture);
            foreach (var group in Enum.GetValues<UsageGroup>())
            {
                foreach (var step in new[] { UsageStep.Minute, UsageStep.Hour, UsageStep.Day })
                {
                    var result = await ReadAsync(edge, new() { ProjectId = project, From = from, To = to + length, Environment = KeyEnvironment.Production, Group = group, Step = step, Top = 2 });
                    if (!result.IsFromRecords)
                    {
                        AssertSame(metrics, result.Total.Sums);
                    }

                    AssertAddsUp(result);
                }
            }
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Each_record_is_in_its_point_and_its_group(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var records = Traffic("prj_1", count: 900, hours: 30, seed: 11);

        // Usage counts rate-limited requests only per period, because some of them have no record. So their time within a period is unknown.
        foreach (var record in records.Where(record => record.Outcome == RequestOutcome.RateLimited))
        {
            record.Outcome = RequestOutcome.Error;
        }

        await StoreAsync(edge, [.. records, .. Traffic("prj_2", count: 100, hours: 30, seed: 12)]);
        var (from, to) = (Now.AddHours(-26.3), Now.AddHours(-1.7));
        foreach (var (group, nameOf) in new (UsageGroup, Func<RequestRecord, string>)[]
        {
            (UsageGroup.Model, record => record.ModelServed ?? ""), (UsageGroup.Provider, record => record.Provider ?? ""), (UsageGroup.Key, record => record.KeyId),
            (UsageGroup.Agent, record => record.AgentId ?? ""), (UsageGroup.Environment, record => record.Environment == KeyEnvironment.Test ? "test" : "production"),
        })
        {
            foreach (var query in new[]
            {
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Step = UsageStep.Minute },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Step = UsageStep.Day },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Environment = KeyEnvironment.Test },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Models = ["gpt-4o", ""] },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Providers = ["openai"] },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Providers = [""] },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Keys = ["key_1", "key_3"] },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Agents = ["agent_1"] },
                new UsageQuery { ProjectId = "prj_1", From = from, To = to, Group = group, Agents = [""], Keys = ["key_2"], Models = ["claude"] },
            })
            {
                var result = await ReadAsync(edge, query);
                var expected = records.Where(record => record.StartedAt >= from && record.StartedAt < to && Passes(query, record)).ToList();
                Assert.Null(result.Begins);
                Assert.Equal(
                    Describe(expected.GroupBy(record => (nameOf(record), PointOf(result, record.StartedAt))).ToDictionary(part => part.Key, Sum)),
                    Describe(result.Groups.SelectMany(series => series.Points.Select((sums, index) => ((series.Name, index), sums))).Where(part => part.sums.Requests > 0).ToDictionary(part => part.Item1, part => part.sums)));
                AssertAddsUp(result);
            }
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Invented_models_take_no_minute_row_each_and_no_series_in_a_response(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var at = Now.AddHours(-2);
        await StoreAsync(edge, [.. Enumerable.Range(0, 300).Select(number => Made(number)), Made(7), Made(7)]);
        Assert.InRange(await edge.ReadAsync(database => database.UsageMinutes.CountAsync()), 1, 60);

        var result = await ReadAsync(edge, new() { ProjectId = "prj_1", From = Now.AddHours(-5), To = Now.AddSeconds(1), Group = UsageGroup.Model, Top = 1 });
        Assert.Equal([(UsageSeriesKind.Named, "made-up-7", 3L), (UsageSeriesKind.Other, "", 299L)], result.Groups.Select(series => (series.Kind, series.Name, series.Sums.Requests)));
        AssertAddsUp(result);

        RequestRecord Made(int number)
        {
            var record = Some.Record(at: at);
            record.ModelServed = $"made-up-{number}";
            return record;
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Invented_models_hide_no_other_model_from_the_minutes(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var at = Now.AddMinutes(-20);
        await StoreAsync(edge, [.. Enumerable.Range(0, 60).Select(number => Some.Record(at: at, model: $"made-up-{number}")), .. Enumerable.Range(0, 5).Select(_ => Some.Record(at: at, model: "hidden"))]);
        var query = new UsageQuery { ProjectId = "prj_1", From = Now.AddHours(-1), To = Now.AddSeconds(1), Step = UsageStep.Minute };

        Assert.Equal(5, (await ReadAsync(edge, query with { Models = ["hidden"] })).Total.Sums.Requests);
        var byModel = await ReadAsync(edge, query with { Group = UsageGroup.Model, Top = 1 });
        Assert.Equal([("hidden", 5L), ("", 60L)], byModel.Groups.Select(series => (series.Name, series.Sums.Requests)));
        Assert.Equal((UsageStep.Minute, 65L), await StepAsync(query));
        Assert.Equal((UsageStep.Minute, 65L), await StepAsync(query with { Providers = ["openai"] }));

        async Task<(UsageStep, long)> StepAsync(UsageQuery requested)
        {
            var result = await ReadAsync(edge, requested);
            return (result.Step, result.Total.Sums.Requests);
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Usage_that_an_older_edge_did_not_count_by_minute_is_shown_by_hour(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await StoreAsync(edge, [Some.Record(at: Now.AddMinutes(-10)), Some.Record(at: Now.AddMinutes(-5))]);
        await edge.ReadAsync(database => database.UsageMinutes.ExecuteDeleteAsync());
        await StoreAsync(edge, [Some.Record(at: Now.AddMinutes(-1))]);

        var result = await ReadAsync(edge, new() { ProjectId = "prj_1", From = Now.AddHours(-1), To = Now.AddSeconds(1), Step = UsageStep.Minute });

        Assert.Equal((UsageStep.Hour, 3L), (result.Step, result.Total.Sums.Requests));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task No_records_are_read_for_a_quiet_key_of_a_busy_project(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var hour = RollupKey.StartOf(RollupKey.HourOf(Now) - 2);
        await StoreAsync(edge, [Some.Record(at: hour.AddMinutes(10)), Some.Record(at: hour.AddMinutes(10)), Some.Record(at: hour.AddMinutes(50), key: "key_2")]);
        var query = new UsageQuery { ProjectId = "prj_1", From = hour.AddMinutes(30), To = hour.AddHours(1), Keys = ["key_1"] };

        Assert.Equal(0, (await ReadAsync(edge, query)).Total.Sums.Requests);
        await edge.ReadAsync(database => database.UsageRollups.ExecuteUpdateAsync(row => row.SetProperty(sums => sums.Requests, sums => sums.Requests + UsagePeriods.MaxRows)));

        // Now the hour has too many records to read. So its sums are multiplied by the part of the hour that the query covers.
        Assert.Equal(1, (await ReadAsync(edge, query)).Total.Sums.Requests);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_part_of_an_hour_whose_records_are_deleted_counts_by_its_share(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system, "Usage:RecordRetentionDays=2");
        var edge = started.Edge;
        var hour = RollupKey.StartOf(RollupKey.HourOf(Now) - 80);
        await StoreAsync(edge, [.. Enumerable.Range(0, 10).Select(number => Some.Record(at: hour.AddMinutes(number * 6)))]);
        await edge.Services.GetRequiredService<Retention>().DeleteAsync(default);
        Assert.Empty(await edge.RowsAsync());

        foreach (var group in Enum.GetValues<UsageGroup>())
        {
            var result = await ReadAsync(edge, new() { ProjectId = "prj_1", From = hour.AddMinutes(30), To = hour.AddHours(2), Group = group });
            Assert.Equal((5L, 150L), (result.Total.Sums.Requests, result.Total.Sums.CompletionTokens));
            AssertAddsUp(result);
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Usage_from_before_callers_were_counted_is_shown_as_unknown(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        await StoreAsync(edge, [Some.Record(at: Now.AddHours(-5)), Some.Record(at: Now.AddHours(-4))]);
        await edge.ReadAsync(async database =>
        {
            await database.UsageMinutes.ExecuteDeleteAsync();
            return await database.CallerRollups.ExecuteDeleteAsync();
        });
        await StoreAsync(edge, [Some.Record(at: Now.AddHours(-2)), Some.Record(at: Now.AddHours(-2), key: "key_2")]);

        var byKey = await ReadAsync(edge, new() { ProjectId = "prj_1", From = Now.AddHours(-24), To = Now.AddSeconds(1), Group = UsageGroup.Key });
        Assert.Equal(
            [(UsageSeriesKind.Named, "key_1", 1L), (UsageSeriesKind.Named, "key_2", 1L), (UsageSeriesKind.Unknown, "", 2L)],
            byKey.Groups.Select(series => (series.Kind, series.Name, series.Sums.Requests)));
        Assert.Equal(4, byKey.Total.Sums.Requests);

        var ofKey = await ReadAsync(edge, new() { ProjectId = "prj_1", From = Now.AddHours(-24), To = Now.AddSeconds(1), Keys = ["key_1"] });
        Assert.Equal(1, ofKey.Total.Sums.Requests);
        Assert.NotNull(ofKey.Begins);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Cards_show_each_projects_last_day_by_hour_and_today(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var records = Traffic("prj_1", count: 400, hours: 30, seed: 3).Concat(Traffic("prj_2", count: 50, hours: 30, seed: 4)).ToList();

        // At midnight another day begins.
        var now = Now;
        using var reader = ActivatorUtilities.CreateInstance<ProjectCards>(edge.Services, new FakeTimeProvider(now));
        records.AddRange(Enumerable.Range(0, 20).Select(number => Some.Record("prj_3", at: now, model: Models[number % 2], cost: 1_000_000)));
        await StoreAsync(edge, records);

        var cards = await reader.ReadAsync(default);
        Assert.Equal(long.MaxValue, cards.Projects["prj_3"].Today.Picodollars);
        foreach (var project in records.GroupBy(record => record.ProjectId).Where(project => project.Key != "prj_3"))
        {
            var card = cards.Projects[project.Key];
            Assert.Equal(24, card.Hours.Count);
            Assert.Equal(
                card.Hours.Select(hour => Sum(project.Where(record => record.StartedAt >= hour.Start && record.StartedAt < hour.Start.AddHours(1)))).Select(sums => (sums.Requests, sums.Errors + sums.RateLimited, sums.Picodollars, sums.Unpriced)),
                card.Hours.Select(hour => (hour.Requests, hour.Errors, hour.Picodollars, hour.Unpriced)));
            Assert.Equal(project.Count(record => record.StartedAt >= card.Today.Start), card.Today.Requests);
        }

        Assert.Same(cards, await reader.ReadAsync(default));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task The_cost_of_shadow_copies_is_in_the_total_and_in_the_other_groups(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        List<RequestRecord> records =
        [
            .. Enumerable.Range(0, 3).Select(number => Some.Record(at: Now.AddMinutes(-5), id: $"req_{number}", cost: 0.001m)),
            .. Enumerable.Range(3, 2).Select(number => Some.Record(outcome: RequestOutcome.Shadow, at: Now.AddMinutes(-5), id: $"req_{number}", model: "grok", cost: 0.002m)),
            Some.Record(outcome: RequestOutcome.Shadow, at: Now.AddMinutes(-5), id: "req_5", model: "claude", cost: 0.004m),
        ];
        await StoreAsync(started.Edge, records);

        foreach (var step in Enum.GetValues<UsageStep>())
        {
            var result = await ReadAsync(started.Edge, new() { ProjectId = "prj_1", From = Now.AddHours(-1), To = Now.AddSeconds(1), Step = step, Group = UsageGroup.Model, Top = 1 });
            Assert.Equal((3, 0.011m), (result.Total.Sums.Requests, result.Total.Sums.CostUsd));
            Assert.Equal([("gpt-4o", 3L, 0.003m), ("", 0L, 0.008m)], result.Groups.Select(series => (series.Name, series.Sums.Requests, series.Sums.CostUsd)));
        }
    }

    [Fact]
    public void A_WebSocket_has_no_latency()
    {
        var record = Some.Record();
        record.Status = 101;
        var sums = Sum([record, Some.Record(milliseconds: 200)]);

        Assert.Equal((2L, 200_000L), (sums.Success, sums.LatencyMicroseconds));
        Assert.Equal(1, sums.Latencies.Count);
    }

    internal static List<RequestRecord> Traffic(string project, int count, int hours, int seed)
    {
        var random = new Random(seed);
        var now = Now;
        return [.. Enumerable.Range(0, count).Select(number =>
        {
            var model = Models[random.Next(Models.Length)];
            var outcome = (RequestOutcome)random.Next((int)RequestOutcome.Shadow);
            var record = Some.Record(
                project, outcome, now.AddMilliseconds(-random.NextDouble() * hours * 3_600_000), $"req_{number}", model is "" ? null : model, random.Next(4) == 0 ? KeyEnvironment.Test : KeyEnvironment.Production,
                random.Next(5) == 0 ? null : random.Next(1_000) / 1_000_000m, random.Next(1, 20_000), $"key_{random.Next(1, 4)}");
            record.StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(record.StartedAt.ToUnixTimeMilliseconds());
            record.Provider = model switch { "" => null, "claude" => "anthropic", _ => "openai" };
            record.IsStream = random.Next(2) == 0;
            record.Status = number % 10 == 0 ? 101 : 200;
            record.FirstByteMicroseconds = random.Next(3) == 0 ? null : random.Next(1, 3_000_000);
            if (outcome == RequestOutcome.RateLimited)
            {
                (record.PromptTokens, record.CachedTokens, record.CompletionTokens, record.Picodollars) = (0, 0, 0, null);
            }

            record.AgentId = random.Next(3) == 0 ? $"agent_{random.Next(1, 3)}" : null;
            return record;
        })];
    }

    /// <summary>Stores the records as an edge does, with a row for each record.</summary>
    internal static async Task StoreAsync(RunningEdge edge, List<RequestRecord> records)
    {
        using var store = new RecordStore(edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>(), TimeProvider.System);
        var pending = records.Select((record, index) => new PendingRecord(record, index + 1, HasRow: true)).ToArray();
        for (var done = 0; done < pending.Length; done += 500)
        {
            await store.WriteAsync(store.WriterId, pending.AsMemory(done, Math.Min(500, pending.Length - done)), default);
        }
    }

    private static Task<UsageResult> ReadAsync(RunningEdge edge, UsageQuery query) => edge.Services.GetRequiredService<UsageReader>().ReadAsync(query, default);

    private static bool Passes(UsageQuery query, RequestRecord record) =>
        (query.Environment ?? record.Environment) == record.Environment && Among(query.Models, record.ModelServed) && Among(query.Providers, record.Provider)
        && Among(query.Keys, record.KeyId) && Among(query.Agents, record.AgentId);

    private static bool Among(IReadOnlyList<string> texts, string? text) => texts.Count == 0 || texts.Contains(text ?? "");

    private static int PointOf(UsageResult result, DateTimeOffset time) => result.Starts.Count(start => start <= time) - 1;

    private static UsageSums Sum(IEnumerable<RequestRecord> records)
    {
        var sums = new UsageSums();
        foreach (var record in records)
        {
            sums.Add(record);
        }

        return sums;
    }

    private static IEnumerable<string> Describe(Dictionary<(string, int), UsageSums> parts) => parts.OrderBy(part => part.Key).Select(part => $"{part.Key} {Describe(part.Value)}");

    internal static string Describe(UsageSums sums) => string.Join(
        ' ', sums.Success, sums.Errors, sums.Filtered, sums.RateLimited, sums.Cancelled, sums.PromptTokens, sums.CachedTokens, sums.CompletionTokens, sums.Picodollars, sums.Unpriced,
        sums.LatencyMicroseconds, Convert.ToHexString(sums.Latencies.ToArray()), Convert.ToHexString(sums.FirstBytes.ToArray()));

    private static void AssertAddsUp(UsageResult result)
    {
        Assert.Equal(result.Starts.Count, result.Total.Points.Count);
        if (result.Query.Group != UsageGroup.None)
        {
            var groups = new UsageSums();
            foreach (var series in result.Groups)
            {
                groups.Add(series.Sums);
            }

            Assert.Equal(Describe(result.Total.Sums), Describe(groups));
        }
    }

    private static void AssertSame(JsonNode metrics, UsageSums sums)
    {
        Assert.Equal((int)metrics["requests"]!["total"]!, sums.Requests);
        Assert.Equal((int)metrics["requests"]!["success"]!, sums.Success + sums.Cancelled);
        Assert.Equal((int)metrics["requests"]!["error"]!, sums.Errors + sums.RateLimited);
        Assert.Equal((int)metrics["unpriced"]!, sums.Unpriced);
        Assert.Equal((int)metrics["tokens"]!["prompt"]!, sums.PromptTokens);
        Assert.Equal((decimal)metrics["cost"]!["total_usd"]!, decimal.Round(sums.CostUsd, 4));
        Assert.Equal((int)metrics["latency"]!["p99_ms"]!, (int)Math.Round(sums.Latencies.Percentile(0.99) / 1000.0));
    }
}
