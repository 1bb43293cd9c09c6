using System.Net;
using System.Text.Json.Nodes;
using AngleSharp.Html.Dom;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Dashboard.Usage;

/// <summary>The budget page, on 21 November 2026.</summary>
public sealed class BudgetPageTests(BudgetPageTests.NovemberEdge scene) : IClassFixture<BudgetPageTests.NovemberEdge>
{
    private const string Secret = "a-secret-of-the-webhook";

    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_form_is_saved_as_entered_and_an_empty_amount_is_refused()
    {
        var (project, path, client) = await OpenAsync();
        using var _ = client;
        Assert.Contains("and no budget", client.Text, StringComparison.Ordinal);

        await client.SubmitAsync(path, ("monthly_budget_usd", "250.50"), ("alerts", "90, 50"), ("enforce", "false"), ("unpriced", "refuse"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains("No budget", client.Text, StringComparison.Ordinal);

        client.Document.QuerySelector("[name=monthly_budget_usd_none]")!.RemoveAttribute("checked");
        await client.SubmitAsync(path, ("alerts", "90, 50"), ("enforce", "false"), ("unpriced", "refuse"));
        Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
        var stored = await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget");
        Assert.Equal((250.5m, false, "refuse", "[50,90]"), ((decimal)stored["monthly_budget_usd"]!, (bool)stored["enforce"]!, (string)stored["unpriced"]!, stored["alerts"]!.ToJsonString()));

        foreach (var (amount, problem) in ((string, string)[])[("", "Enter an amount, or tick the box"), ("0", "more than 0"), ("-3", "more than 0"), ("ten", "an amount in US dollars"), ("12,50", "without commas"), ("1,500", "without commas"), ("1.500,00", "without commas")])
        {
            await client.SubmitAsync(path, ("monthly_budget_usd", amount));
            Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
            Assert.Contains(problem, client.Text, StringComparison.Ordinal);
            Assert.Equal(amount, ((IHtmlInputElement)client.Document.QuerySelector("#monthly_budget_usd")!).Value);
        }

        await client.SubmitAsync(path, ("monthly_budget_usd", ""), ("monthly_budget_usd_none", "true"));
        Assert.Null((await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["monthly_budget_usd"]);
    }

    [Fact]
    public async Task The_page_shows_spend_forecast_and_largest_spenders()
    {
        var (project, path, client) = await OpenAsync();
        using var _ = client;
        var key = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new { name = "the \"><img src=x> one", key_type = "secret", environment = "production" }))["apiKey"]!["id"]!;
        for (var day = 1; day <= 3; day++)
        {
            scene.Edge.Records().Write(Some.Record(project, at: Now.AddDays(-day).AddHours(1), id: $"req_{day}", model: "gpt-4o", cost: day, key: key));
        }

        scene.Edge.Records().Write(Some.Record(project, at: Now.AddDays(-1).AddHours(2), id: "req_free", model: "mystery", cost: null, key: key));
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 16 });
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/api-keys/{key}/budget", new { monthly_budget_usd = 8 });
        await scene.Edge.StoredAsync();
        await client.GetAsync(path);

        var text = string.Join(' ', client.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("$6.00 of $16.00 (37.5 %)", text, StringComparison.Ordinal);
        var left = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero) - scene.Edge.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        Assert.Contains($"Resets 1 December 00:00 UTC (in {left.Days} d)", text, StringComparison.Ordinal);
        Assert.Contains("$2.00 per day in the last 3 whole days: at this rate the month will cost about $26.00 ($16.00 to $36.00", text, StringComparison.Ordinal);
        Assert.Contains("At this rate the budget is reached on 26 November (UTC).", text, StringComparison.Ordinal);
        Assert.Contains("1 request of the project had no price", text, StringComparison.Ordinal);
        Assert.Contains("refused with 402 SPEND_CAP_REACHED", text, StringComparison.Ordinal);
        Assert.Contains("$6.00 $8.00 75.0 %", text, StringComparison.Ordinal);
        Assert.Contains("$6.00 of $16.00 spent.", client.Document.QuerySelector("svg.budget-bar")!.GetAttribute("aria-label"));
        Assert.Empty(client.Document.QuerySelectorAll("img[src=x]"));

        await client.GetAsync($"{path}?key={key}");
        Assert.Contains("$6.00of $8.00", client.Text.Replace("\n", "", StringComparison.Ordinal).Replace("  ", "", StringComparison.Ordinal).Replace("$6.00 of", "$6.00of", StringComparison.Ordinal), StringComparison.Ordinal);
        var foreign = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{await scene.Edge.CreateProjectAsync()}/api-keys", new { name = "foreign", key_type = "secret", environment = "production" }))["apiKey"]!["id"]!;
        await client.GetAsync($"{path}?key={foreign}");
        Assert.Equal(HttpStatusCode.NotFound, client.Response.StatusCode);
    }

    [Fact]
    public async Task The_forecast_counts_quiet_days_after_the_first_request()
    {
        var (project, path, client) = await OpenAsync();
        using var _ = client;
        scene.Edge.Records().Write(Some.Record(project, at: Now.AddDays(-10).AddHours(1), id: "req_first", model: "gpt-4o", cost: 5));
        scene.Edge.Records().Write(Some.Record(project, at: Now.AddDays(-2).AddHours(1), id: "req_late", model: "gpt-4o", cost: 7));
        await scene.Edge.StoredAsync();
        await client.GetAsync(path);
        Assert.Contains("$1.00 per day in the last 7 whole days", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_webhook_test_shows_its_result_and_no_secret()
    {
        var (project, path, client) = await OpenAsync();
        using var _ = client;
        await using var receiver = new ScriptedProvider();
        receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        client.Document.QuerySelector("[name=monthly_budget_usd_none]")!.RemoveAttribute("checked");
        await client.SubmitAsync(path, ("monthly_budget_usd", "10"), ("webhook_url", new Uri(receiver.Address, "/hook").ToString()), ("webhook_secret", Secret));
        Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);

        await client.SubmitAsync(path + "/test");
        Assert.Contains("The webhook accepted the test.", client.Text, StringComparison.Ordinal);
        Assert.Contains("Accepted (200)", client.Text, StringComparison.Ordinal);
        Assert.Contains("\"test\":true", (await receiver.NextRequestAsync()).BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, client.Html, StringComparison.Ordinal);
        Assert.Contains("webhook.tested", await scene.Edge.Admin.GetStringAsync("/api/audit"), StringComparison.Ordinal);

        // Saving again without the secret keeps the stored secret.
        await client.SubmitAsync(path, ("monthly_budget_usd", "7"), ("enforce", "false"));
        receiver.Respond((_, response) => response.JsonAsync(500, "{}"));
        await client.SubmitAsync(path + "/test");
        Assert.Equal(HttpStatusCode.TooManyRequests, client.Response.StatusCode);
        ((FakeTimeProvider)scene.Edge.Services.GetRequiredService<TimeProvider>()).Advance(TimeSpan.FromSeconds(10));
        await client.GetAsync(path);
        await client.SubmitAsync(path + "/test");
        Assert.Contains("The webhook responded with 500.", client.Text, StringComparison.Ordinal);

        // Real traffic triggers an alert: its four tokens cost $4. Then it is resent. The clock stands still, so there is no retry.
        receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 1_000_000, output = 1_000_000 } } });
        using var chat = await scene.ChatAsync(await scene.Edge.CreateKeyAsync(project));
        await Eventually.IsTrueAsync(async () => (await client.GetAsync(path)).Body!.TextContent.Contains("50 % of $7.00", StringComparison.Ordinal));
        await client.SubmitAsync(path + "/resend");
        Assert.Contains("The webhook accepted the alert.", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prices_are_rows_and_parts_without_a_column_stay_unchanged()
    {
        var (project, path, client) = await OpenAsync();
        using var _ = client;
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", JsonNode.Parse("""{"prices":[{"provider":"openai","model":"gpt-4o","input":1,"output":2,"service_tier":"flex"},{"provider":"openai","model":"old","input":1,"output":1}]}""")!);
        path = path.Replace("/budget", "/prices", StringComparison.Ordinal);
        await client.GetAsync(path);
        Assert.Contains("tier flex", client.Text, StringComparison.Ordinal);

        await client.SubmitAsync(path, ("prices[0].input", "1.25"), ("prices[1].remove", "true"), ("prices[3].provider", "openai"), ("prices[3].model", "new-*"), ("prices[3].input", "3"), ("prices[3].output", "4"));
        Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
        Assert.Equal(
            """[{"provider":"openai","model":"gpt-4o","input":1.25,"output":2,"service_tier":"flex"},{"provider":"openai","model":"new-*","input":3,"output":4}]""",
            (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/prices"))["prices"]!.ToJsonString());

        await client.SubmitAsync(path, ("prices[0].input", "much"), ("prices[1].remove", "true"));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.True(((IHtmlInputElement)client.Document.QuerySelector("[name='prices[1].remove']")!).IsChecked);
        Assert.Equal("much", ((IHtmlInputElement)client.Document.QuerySelector("[name='prices[0].input']")!).Value);
    }

    private async Task<(string Project, string Path, PageClient Client)> OpenAsync()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var client = await PageClient.SignedInAsync(scene.Edge);
        var path = $"/dashboard/p/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!}/budget";
        await client.GetAsync(path);
        Assert.Equal("Budget", client.Title);
        return (project, path, client);
    }

    public sealed class NovemberEdge : RespondingEdge
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
    }
}
