using System.Text.Json.Nodes;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing.Selection;

/// <summary>Conversations stay where their prompt prefix is cached, except for a small control group.</summary>
public sealed class PromptAffinityTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private static readonly DateTimeOffset Today = new(2026, 11, 29, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task I5_Conversations_stay_with_the_account_that_has_cached_their_prefix()
    {
        const int Conversations = 24;
        var (project, key) = await CreateAsync(accounts: 4);
        for (var conversation = 0; conversation < Conversations; conversation++)
        {
            var beginning = $$"""{"role":"user","content":"{{conversation}} {{new string('x', 20_000)}}"}""";
            for (var turn = 0; turn < 3; turn++)
            {
                var more = string.Concat(Enumerable.Repeat(""",{"role":"assistant","content":"a"},{"role":"user","content":"b"}""", turn));
                (await fleet.ChatAsync(key, $$"""{"model":"fast","messages":[{{beginning}}{{more}}]}""", ("X-Request-Id", $"c{conversation}-{turn}"))).Dispose();
            }
        }

        var kept = (await fleet.Edge.RowsOfAsync(project, Conversations * 3)).GroupBy(row => row.RequestId.Split('-')[0])
            .Select(rows => (Affinity: Assert.Single(rows.Select(row => row.Affinity).Distinct()), Accounts: rows.Select(row => row.CredentialHint).Distinct().ToList()))
            .Where(one => one.Affinity == RequestRecord.Pinned).ToList();
        Assert.InRange(kept.Count, Conversations / 2, Conversations);
        Assert.InRange(kept.Select(one => Assert.Single(one.Accounts)).Distinct().Count(), 2, 4);
    }

    [Fact]
    public async Task A_small_control_group_is_routed_without_affinity_and_stays_so()
    {
        const int Sessions = 200;
        var (project, key) = await CreateAsync(accounts: 4);
        for (var session = 0; session < Sessions; session++)
        {
            for (var turn = 0; turn < 2; turn++)
            {
                (await fleet.ChatAsync(key, ScriptedEdge.ChatOf("fast"), ("X-Cencori-Session", $"s{session}"), ("X-Request-Id", $"s{session}-{turn}"))).Dispose();
            }
        }

        var sessions = (await fleet.Edge.RowsOfAsync(project, Sessions * 2)).GroupBy(row => row.RequestId.Split('-')[0]).ToList();
        var groups = sessions.CountBy(rows => Assert.Single(rows.Select(row => row.Affinity).Distinct())!).ToDictionary();
        Assert.Equal([RequestRecord.Control, RequestRecord.Pinned], groups.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(groups[RequestRecord.Control], 1, 40);
    }

    [Theory]
    [InlineData("none", "weighted", 2)]
    [InlineData("prompt", "cheap", 2)]
    [InlineData("prompt", "weighted", 1)]
    public async Task Without_prompt_affinity_nothing_is_recorded_or_reported_about_it(string affinity, string balance, int accounts)
    {
        var (project, key) = await CreateAsync(accounts, affinity, balance);
        (await fleet.ChatAsync(key, ScriptedEdge.ChatOf("fast"), ("X-Cencori-Session", "s"))).Dispose();
        Assert.Null(Assert.Single(await fleet.Edge.RowsOfAsync(project, 1)).Affinity);
        Assert.Null((await ReportAsync(project))["affinity"]);
    }

    [Fact]
    public void One_of_twenty_prompts_is_in_the_control_group_and_the_group_changes_daily()
    {
        var prompts = Enumerable.Range(0, 100_000).Select(number => TargetPicker.Mix((ulong)number + 1)).ToList();
        var today = prompts.FindAll(prompt => PromptAffinity.IsControl(prompt, Today));
        Assert.InRange(today.Count, 4_700, 5_300);
        Assert.Equal(today, prompts.FindAll(prompt => PromptAffinity.IsControl(prompt, Today.AddHours(13))));
        Assert.InRange(today.Count(prompt => PromptAffinity.IsControl(prompt, Today.AddDays(1))), 150, 350);
    }

    [Theory]
    [InlineData(100, 100, 8_000, 2_000, 0.45)]
    [InlineData(150, 100, 2_000, 8_000, -0.675)]
    [InlineData(100, 99, 8_000, 2_000, null)]
    public async Task The_report_shows_the_savings_if_there_are_enough_requests(int pinned, int control, int cachedOfPinned, int cachedOfControl, double? saved)
    {
        var (project, _) = await CreateAsync(accounts: 2);
        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 1, cached_input = 0.25, output = 1, from = "2026-01-01" } } });
        Write(project, RequestRecord.Pinned, pinned, cachedOfPinned);
        Write(project, RequestRecord.Control, control, cachedOfControl);

        // For these requests the number of cached tokens is unknown.
        Write(project, RequestRecord.Control, 5, 0, isEstimated: true);
        Write(project, RequestRecord.Control, 5, 0, outcome: RequestOutcome.Error);
        await fleet.Edge.StoredAsync();

        var report = (await ReportAsync(project))["affinity"]!;
        Assert.Equal((pinned, control, saved is not null), ((int)report["pinned"]!["requests"]!, (int)report["control"]!["requests"]!, (bool)report["is_enough"]!));
        Assert.Equal((cachedOfPinned / 10_000d, cachedOfControl / 10_000d), ((double)report["pinned"]!["cached_share"]!, (double)report["control"]!["cached_share"]!));
        Assert.Equal(saved, (double?)report["saved_usd"]);
    }

    private void Write(string project, string affinity, int count, int cached, bool isEstimated = false, RequestOutcome outcome = RequestOutcome.Success)
    {
        for (var number = 0; number < count; number++)
        {
            var record = Some.Record(project, outcome, id: $"{affinity}-{number}");
            (record.Route, record.Affinity, record.IsEstimated, record.PromptTokens, record.CachedTokens) = ("fast", affinity, isEstimated, 10_000, cached);
            fleet.Edge.Records().Write(record);
        }
    }

    private async Task<(string ProjectId, string Key)> CreateAsync(int accounts, string affinity = "prompt", string balance = "weighted")
    {
        var (project, key, _) = await fleet.CreateAsync(isRanked: false, [.. Enumerable.Repeat(RespondOk(), accounts)]);
        await fleet.SetRouteAsync(project, "fast", new JsonObject { ["affinity"] = affinity, ["groups"] = new JsonArray(new JsonObject { ["balance"] = balance, ["targets"] = new JsonArray(new JsonObject { ["model"] = "openai/gpt-4o" }) }) });
        return (project, key);
    }

    private Task<JsonNode> ReportAsync(string project) => fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/routes/fast/report");
}
