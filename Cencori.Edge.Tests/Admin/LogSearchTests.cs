using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Metrics;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Metrics;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Searches in the logs, page by page: each filter finds its rows in both directions and with any limit, on each database system.</summary>
public sealed class LogSearchTests
{
    private static readonly LogBudget Plenty = new(1_000_000, TimeSpan.FromMinutes(1));

    // One piece only.
    private static readonly LogBudget Little = new(1, TimeSpan.FromMinutes(1));

    private static readonly (LogFilter Filter, Func<RequestRecord, bool> Finds)[] Filters =
    [
        (new(), _ => true),
        (new() { Environment = KeyEnvironment.Test }, record => record.Environment == KeyEnvironment.Test),
        (new() { Statuses = [LogStatus.Parse("rate_limited")!, LogStatus.Parse("cancelled")!] }, record => record.Outcome is RequestOutcome.RateLimited or RequestOutcome.Cancelled),
        (new() { Statuses = [LogStatus.Parse("4xx")!] }, record => record.Status is >= 400 and < 500),
        (new() { Statuses = [LogStatus.Parse("success")!] }, record => record.Outcome == RequestOutcome.Success),
        (new() { Models = ["fast"] }, record => record.ModelAsked == "fast" || record.ModelServed == "fast"),
        (new() { ServedModels = ["claude"] }, record => record.ModelServed == "claude"),
        (new() { ServedModels = [""] }, record => record.ModelServed is null),
        (new() { Providers = ["openai", ""] }, record => record.Provider is null or "openai"),
        (new() { Keys = ["key_2", "key_rare"] }, record => record.KeyId is "key_2" or "key_rare"),
        (new() { Keys = ["key_rare"] }, record => record.KeyId == "key_rare"),
        (new() { Keys = ["key_none"] }, _ => false),
        (new() { Agents = ["agent_1"], Statuses = [LogStatus.Parse("error")!] }, record => record.AgentId == "agent_1" && record.Outcome == RequestOutcome.Error),
        (new() { Agents = [""] }, record => record.AgentId is null),
        (new() { Endpoints = ["POST /v1/embeddings"] }, record => record.Endpoint == "POST /v1/embeddings"),
        (new() { Errors = ["PROVIDER_ERROR"] }, record => record.ErrorCode == "PROVIDER_ERROR"),
        (new() { IsUnpriced = true }, record => record.Picodollars is null && (record.Outcome <= RequestOutcome.SuccessFallback || record.PromptTokens + record.CompletionTokens > 0)),
    ];

    [Theory, OnSqlite, OnPostgres, Trait(SlowestTests.Trait, "Seventeen filters are searched page by page, in both directions.")]
    public async Task Each_filter_finds_its_rows_page_by_page_in_both_directions(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var edge = started.Edge;
        var logs = edge.Services.GetRequiredService<LogReader>();
        var records = await FillAsync(edge);
        var now = Some.Now;
        foreach (var (times, inTime) in new (LogFilter, Func<RequestRecord, bool>)[]
        {
            (new(), _ => true), (new() { From = now.AddHours(-20.2), To = now.AddHours(-3.1) }, record => record.StartedAt >= now.AddHours(-20.2) && record.StartedAt < now.AddHours(-3.1)),
        })
        {
            foreach (var (filter, finds) in Filters)
            {
                var requested = filter with { From = times.From, To = times.To };
                var expected = records.Where(finds).Where(inTime).OrderByDescending(record => record.StartedAt).Select(record => record.RequestId).ToList();
                foreach (var budget in new[] { Plenty, Little })
                {
                    var (down, last) = await WalkAsync(place => logs.ReadAsync("prj_1", requested, place, 200, budget, default), default, page => page.Older is { } older ? new(older, IsNewer: false) : null);
                    Assert.Equal(expected, down.SelectMany(page => page.Rows).Select(row => row.Record.RequestId));
                    Assert.True(budget == Little || down.TrueForAll(page => page.SearchedBackTo is null));

                    // Reads the pages backwards, from a place after the last row.
                    var (up, _) = await WalkAsync(
                        place => logs.ReadAsync("prj_1", requested, place, 200, budget, default), new(new LogCursor(now.AddDays(-9), 0), IsNewer: true), page => page.Newer is { } newer ? new(newer, IsNewer: true) : null);
                    Assert.Equal(expected, up.AsEnumerable().Reverse().SelectMany(page => page.Rows).Select(row => row.Record.RequestId));
                }

                var count = await logs.CountAsync("prj_1", requested, default);
                Assert.True(count.Count == expected.Count || count.IsMore, $"{count} of {expected.Count}");
                if (await logs.BarsAsync("prj_1", requested with { From = requested.From ?? now.AddDays(-2), To = requested.To ?? now }, UsageStep.Hour, default) is { } bars && filter.Statuses.Count == 0)
                {
                    // The partial hours at both ends are counted by the minute, so the sum may differ by a few.
                    Assert.InRange(bars.Sum(bar => bar.Requests), expected.Count - 2, expected.Count + 2);
                }
            }
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task A_rare_key_is_searched_in_the_records_if_callers_were_not_counted(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        await UsageReaderTests.StoreAsync(started.Edge, [Some.Record(id: "old", key: "key_rare", at: Some.Now.AddHours(-9)), Some.Record(at: Some.Now.AddHours(-9))]);
        await started.Edge.ReadAsync(database => database.CallerRollups.ExecuteDeleteAsync());
        await UsageReaderTests.StoreAsync(started.Edge, [Some.Record(id: "new", key: "key_rare", at: Some.Now.AddHours(-2)), Some.Record(at: Some.Now.AddHours(-9))]);

        var page = await started.Edge.Services.GetRequiredService<LogReader>().ReadAsync("prj_1", new() { Keys = ["key_rare"] }, default, 10, Plenty, default);
        Assert.Equal(["new", "old"], page.Rows.Select(row => row.Record.RequestId));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Following_shows_each_matching_arrival_regardless_of_its_start_time(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var (edge, logs) = (started.Edge, started.Edge.Services.GetRequiredService<LogReader>());
        var filter = new LogFilter { Keys = ["key_1"] };
        await UsageReaderTests.StoreAsync(edge, [Some.Record(id: "before")]);
        var begin = await logs.FollowAsync("prj_1", filter, after: null, default);
        Assert.Empty(begin.Rows);

        await UsageReaderTests.StoreAsync(edge, [Some.Record(id: "long", at: Some.Now.AddHours(-3)), Some.Record(id: "other", key: "key_2"), Some.Record("prj_2"), Some.Record(id: "short")]);
        var news = await logs.FollowAsync("prj_1", filter, begin.After, default);
        Assert.Equal(["long", "short"], news.Rows.Select(row => row.Record.RequestId));

        await UsageReaderTests.StoreAsync(edge, [.. Enumerable.Range(0, 900).Select(number => Some.Record(id: $"{number}"))]);
        var many = await logs.FollowAsync("prj_1", filter, news.After, default);
        Assert.Equal((700L, "899"), (many.More, many.Rows[^1].Record.RequestId));
        Assert.Equal(200, many.Rows.Count);

        // Simulates another edge, whose batch got its numbers first and becomes visible last.
        await edge.ReadAsync(database => database.Database.ExecuteSqlRawAsync("UPDATE request_records SET \"Id\" = \"Id\" + 2000 WHERE \"Id\" = (SELECT MAX(\"Id\") FROM request_records)"));
        var high = await logs.FollowAsync("prj_1", filter, many.After, default);
        await edge.ReadAsync(database => database.Database.ExecuteSqlRawAsync(
            "UPDATE request_records SET \"Id\" = \"Id\" + 1000 WHERE \"Id\" = (SELECT MAX(\"Id\") - 2001 FROM request_records)"));
        var late = await logs.FollowAsync("prj_1", filter, high.After, default);
        Assert.Equal(["899"], high.Rows.Select(row => row.Record.RequestId));
        Assert.Equal(["898"], late.Rows.Select(row => row.Record.RequestId));
        Assert.Empty((await logs.FollowAsync("prj_1", filter, late.After, default)).Rows);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Following_starts_without_old_rows_and_an_invalid_position_starts_again(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var (edge, logs) = (started.Edge, started.Edge.Services.GetRequiredService<LogReader>());
        await UsageReaderTests.StoreAsync(edge, [.. Enumerable.Range(0, 120).Select(number => Some.Record(id: $"{number}"))]);
        var begin = await logs.FollowAsync("prj_1", new LogFilter(), after: null, default);
        var next = await logs.FollowAsync("prj_1", new LogFilter(), begin.After, default);
        Assert.Empty(next.Rows);
        foreach (var broken in new[] { "", "x", "-1", "1.", "1.2", "1.2-x", "1.2-3-4", "99999999999999999999", "9000000000000000000", "1\0" })
        {
            var again = await logs.FollowAsync("prj_1", new LogFilter(), broken, default);
            Assert.Equal((0, begin.After), (again.Rows.Count, again.After));
        }
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task An_id_that_a_caller_chose_is_found_however_old_it_is(string system)
    {
        await using var started = await DatabaseEdge.StartAsync(system);
        var (edge, logs) = (started.Edge, started.Edge.Services.GetRequiredService<LogReader>());
        await UsageReaderTests.StoreAsync(edge, [Some.Record(id: "mine #/%", at: Some.Now.AddDays(-20)), .. Enumerable.Range(0, 3_000).Select(number => Some.Record(id: $"{number}"))]);
        LogCursor? older = null;
        RequestRecord? record;
        do
        {
            (record, older, _) = await logs.FindAsync("prj_1", "mine #/%", older, default);
        }
        while (record is null && older is not null);

        Assert.Equal("mine #/%", record?.RequestId);
        Assert.Equal(new LogFound(null, null, null), await logs.FindAsync("prj_2", "mine #/%", null, default));
    }

    private static async Task<List<RequestRecord>> FillAsync(RunningEdge edge)
    {
        var records = UsageReaderTests.Traffic("prj_1", count: 1_400, hours: 40, seed: 21).DistinctBy(record => record.StartedAt).ToList();
        foreach (var (record, index) in records.Select((record, index) => (record, index)))
        {
            record.Status = record.Outcome switch
            {
                RequestOutcome.Success or RequestOutcome.SuccessFallback => 200,
                RequestOutcome.RateLimited => 429,
                RequestOutcome.Cancelled => 499,
                RequestOutcome.Filtered => 400,
                _ => 502,
            };
            record.Endpoint = index % 3 == 0 ? "POST /v1/embeddings" : "POST /v1/chat/completions";
            record.KeyId = index % 400 == 7 ? "key_rare" : record.KeyId;
        }

        await UsageReaderTests.StoreAsync(edge, records);
        await UsageReaderTests.StoreAsync(edge, UsageReaderTests.Traffic("prj_2", count: 300, hours: 40, seed: 22));
        return records;
    }

    private static async Task<(List<LogPage> Pages, LogPosition Last)> WalkAsync(Func<LogPosition, Task<LogPage>> read, LogPosition place, Func<LogPage, LogPosition?> next)
    {
        var pages = new List<LogPage>();
        while (true)
        {
            pages.Add(await read(place));
            if (next(pages[^1]) is not { } further || (further.IsNewer && pages[^1].Newer is null))
            {
                return (pages, place);
            }

            place = further;
        }
    }
}
