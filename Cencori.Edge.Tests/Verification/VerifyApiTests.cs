using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Budgets;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Verification;

/// <summary>The verification of a project's month, which must find disagreements. A chat costs 17.5 millionths of a dollar.</summary>
public sealed class VerifyApiTests(MidMonthEdge scene) : IClassFixture<MidMonthEdge>
{
    private const string Cost = "0.0000175";

    [Fact]
    public async Task All_counts_of_spend_are_listed_and_agree()
    {
        var (project, key, keyId) = await CreateAsync();
        using var completed = await scene.ChatAsync(key);

        var sheet = await scene.Edge.AssertLedgerClosesAsync(project);

        Assert.Equal((project, $"{scene.Clock.GetUtcNow():yyyy-MM}", true, 0), ((string?)sheet["project_id"], (string?)sheet["month"], (bool)sheet["has_all_records"]!, sheet["notes"]!.AsArray().Count));
        foreach (var source in new[] { "records", "rollups", "metrics", "counter" })
        {
            Assert.Equal(Cost, sheet.Number("project", source));
        }

        Assert.Equal(("0", "0", null), (sheet.Number("project", "open_work"), sheet.Number("project", "in_flight"), sheet.Number("project", "redis")));
        Assert.Equal((Cost, Cost, Cost), (sheet.Number(keyId, "records"), sheet.Number(keyId, "key_spend"), sheet.Number(keyId, "counter")));
        foreach (var source in new[] { "records", "rollups", "metrics" })
        {
            Assert.Equal(("1", "3", "1"), (sheet.Number("project", source, "requests"), sheet.Number("project", source, "input_tokens"), sheet.Number("project", source, "output_tokens")));
        }

        Assert.Equal(("0.0000175", "0"), (sheet.Number("project", "counter", member: "expected")?.TrimEnd('0'), sheet.Number("project", "counter", member: "difference")?[..1]));
    }

    [Fact]
    public async Task A_counter_that_the_edge_does_not_hold_is_marked_and_not_compared()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        using var completed = await scene.ChatAsync(await scene.Edge.CreateKeyAsync(project));

        // Without a budget, the ledger closes before the record is stored, too.
        await scene.Edge.RowsOfAsync(project, 1);
        var sheet = await scene.Edge.AssertLedgerClosesAsync(project);
        Assert.Equal((Cost, null, null), (sheet.Number("project", "records"), sheet.Number("project", "counter"), sheet.Number("project", "counter", member: "difference")));

        // No request has come since the budget was set.
        await SetBudgetAsync(project, "");
        sheet = await scene.Edge.AssertLedgerClosesAsync(project);
        Assert.Null(sheet.Number("project", "counter"));
    }

    [Theory]
    [InlineData("request_records", "project/rollups project/metrics project/counter key/key_spend key/counter")]
    [InlineData("usage_rollups", "project/rollups project/metrics")]
    [InlineData("key_spend", "key/key_spend")]
    public async Task A_tampered_row_is_detected(string table, string differing)
    {
        var (project, key, keyId) = await CreateAsync();
        using var completed = await scene.ChatAsync(key);
        await scene.Edge.AssertLedgerClosesAsync(project);
        await ForgeAsync(table, project);

        var sheet = await VerifyAsync(project);

        Assert.False((bool)sheet["is_closed"]!);
        var found = sheet["lines"]!.AsArray().Where(line => (decimal?)line!["difference"] is not (null or 0)).ToList();
        Assert.Equal(differing, string.Join(' ', found.Select(line => $"{line!["of"]}/{line["source"]}")).Replace(keyId, "key", StringComparison.Ordinal));
        Assert.All(found, line => Assert.Equal(0.000000000001m, Math.Abs((decimal)line!["difference"]!)));
    }

    [Fact]
    public async Task A_counter_with_unrecorded_spend_is_detected()
    {
        var (project, key, keyId) = await CreateAsync();
        using var completed = await scene.ChatAsync(key);
        var snapshot = await scene.Edge.Services.GetRequiredService<ProjectCache>().GetAsync(project);
        var count = await scene.Edge.Services.GetRequiredService<BudgetLedger>().BeginExchangeAsync(snapshot!, keyId, scene.Clock.GetUtcNow());
        count(0, 0.25m);

        var sheet = await VerifyAsync(project);

        Assert.Equal(("0.25", "0.25"), (sheet.Number("project", "counter", member: "difference")?[..4], sheet.Number(keyId, "counter", member: "difference")?[..4]));
        Assert.Equal(false, (bool?)sheet["is_closed"]);
    }

    [Fact]
    public async Task Refusals_by_limits_are_not_compared_because_not_all_have_a_record()
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 1 });
        for (var i = 0; i < 20; i++)
        {
            using var completed = await scene.ChatAsync(key);
        }

        await scene.Edge.RowAsync(row => row.ProjectId == project && row.Outcome == RequestOutcome.Success);
        var sheet = await scene.Edge.AssertLedgerClosesAsync(project);
        Assert.Equal(("1", "1"), (sheet.Number("project", "records", "requests"), sheet.Number("project", "rollups", "requests")));
    }

    [Fact]
    public async Task When_records_are_no_longer_kept_only_sums_are_compared()
    {
        await using var edge = await RunningEdge.StartAsync(["Usage:RecordRetentionDays=1"], builder => builder.Services.AddSingleton<TimeProvider>(scene.Clock));
        var project = await edge.CreateProjectAsync();
        var now = scene.Clock.GetUtcNow();
        var start = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var month = start.AddMonths(-1);
        edge.Records().Write(Some.Record(project, at: month.AddDays(3), cost: 1));
        edge.Records().Write(Some.Record(project, at: start.AddSeconds(-1), cost: 2));
        await edge.StoredAsync();
        await edge.ReadAsync(database => database.Database.ExecuteSqlRawAsync("""DELETE FROM request_records"""));

        var sheet = await edge.AssertLedgerClosesAsync(project, $"{month:yyyy-MM}");

        Assert.False((bool)sheet["has_all_records"]!);
        Assert.Contains("RecordRetentionDays", (string?)sheet["notes"]![0], StringComparison.Ordinal);
        Assert.Equal((null, "3", "3"), (sheet.Number("project", "records"), sheet.Number("project", "rollups"), sheet.Number("project", "metrics")));
    }

    [Theory]
    [InlineData("?month=2026")]
    [InlineData("?month=2026-13")]
    [InlineData("?month=")]
    [InlineData("?month=9999-12")]
    [InlineData("?month=2001-01")]
    public async Task An_invalid_or_expired_month_is_refused(string query)
    {
        using var response = await scene.Edge.Admin.GetAsync($"/api/projects/{scene.ProjectId}/verify{query}");
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.BadRequest, "month"), (response.StatusCode, (string?)body["param"]));
    }

    [Fact]
    public async Task Verification_needs_the_admin_token_and_an_existing_project()
    {
        using var requested = await scene.Edge.SendAsync(scene.Key, HttpMethod.Get, $"/api/projects/{scene.ProjectId}/verify");
        Assert.Equal(HttpStatusCode.Forbidden, requested.StatusCode);
        using var unknown = await scene.Edge.Admin.GetAsync("/api/projects/prj_none/verify");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private async Task<(string Project, string Key, string KeyId)> CreateAsync()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var key = await scene.Edge.CreateKeyAsync(project);
        var keyId = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]![0]!["id"]!;
        await SetBudgetAsync(project, "");
        await SetBudgetAsync(project, $"/api-keys/{keyId}");
        return (project, key, keyId);
    }

    private Task<JsonNode> SetBudgetAsync(string project, string of) => scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}{of}/budget", new { monthly_budget_usd = 100 });

    private Task<JsonNode> VerifyAsync(string project) => scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/verify");

    private Task<int> ForgeAsync(string table, string project) => scene.Edge.ReadAsync(database => table switch
    {
        "usage_rollups" => database.UsageRollups.Where(row => row.ProjectId == project).ExecuteUpdateAsync(set => set.SetProperty(row => row.Picodollars, row => row.Picodollars + 1)),
        "key_spend" => database.KeySpend.Where(row => row.ProjectId == project).ExecuteUpdateAsync(set => set.SetProperty(row => row.Picodollars, row => row.Picodollars + 1)),
        _ => database.Database.ExecuteSqlAsync(
            $"""UPDATE request_records SET "Picodollars" = "Picodollars" + 1 WHERE "ProjectId" = (SELECT "Id" FROM record_texts WHERE "Text" = {project})"""),
    });
}
