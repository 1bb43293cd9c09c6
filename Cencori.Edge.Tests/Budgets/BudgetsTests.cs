using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Errors;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>Whole requests of projects and keys with a budget. One output token costs one dollar, and every response has one.</summary>
public sealed class BudgetsTests(BudgetsTests.LateInJanuary fixture) : IClassFixture<BudgetsTests.LateInJanuary>
{
    private const string OneDollar = """{"model":"gpt-4o","max_tokens":1,"messages":[{"role":"user","content":"Hello!"}]}""";
    private const string TwoDollars = """{"model":"gpt-4o","max_tokens":2,"messages":[{"role":"user","content":"Hello!"}]}""";

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task A_used_up_budget_refuses_until_the_month_is_over()
    {
        var (project, key) = await CreateAsync(2);
        Assert.Equal(200, await ChatAsync(key));
        Assert.Equal(200, await ChatAsync(key));
        var requested = fixture.Provider.Requests.Count;

        using var refused = await _edge.PostAsync(key, "/v1/chat/completions", OneDollar);
        var error = await refused.ErrorAsync(HttpStatusCode.PaymentRequired, "SPEND_CAP_REACHED");
        Assert.Equal(("insufficient_quota", "false", "monthly_budget_usd"), (error.Type, error.Header("x-should-retry"), error.Param));
        Assert.Contains("2030-01", error.Message, StringComparison.Ordinal);
        Assert.Equal("no-store", error.Header("Cache-Control"));
        Assert.Equal(2, (decimal?)(await ReadAsync(project))["current_spend_usd"]);
        using var passedThrough = await _edge.SendAsync(key, HttpMethod.Get, "/v1/files", null, ("X-Cencori-Provider", "openai"));
        Assert.Equal(402, (int)passedThrough.StatusCode);
        Assert.Equal(requested, fixture.Provider.Requests.Count);

        fixture.Clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(200, await ChatAsync(key));
        Assert.Equal(1, (decimal?)(await ReadAsync(project))["current_spend_usd"]);
    }

    [Fact]
    public async Task A_request_that_may_cost_more_than_is_left_is_refused_and_a_smaller_one_passes()
    {
        var (_, key) = await CreateAsync(1);

        Assert.Equal(402, await ChatAsync(key, TwoDollars));
        Assert.Equal(200, await ChatAsync(key));
    }

    [Theory]
    [InlineData("0.001", "The project's budget of 0.001 USD for 2030-0", " has no room for this request, which may cost up to 1 USD: 0 USD are spent.")]
    [InlineData("0.0000001", "The project's budget of 0.0000001 USD for 2030-0", " has no room for this request, which may cost up to 1 USD: 0 USD are spent.")]
    [InlineData("1.50", "The project's budget of 1.5 USD for 2030-0", " has no room for this request, which may cost up to 1 USD: 1 USD are spent.")]
    [InlineData("1", "The project's budget of 1 USD for 2030-0", " is used up: 1 USD are spent.")]
    public async Task A_refusal_shows_amounts_with_all_their_digits(string budget, string beginning, string end)
    {
        var (project, key) = await CreateAsync(1);
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", $$"""{"monthly_budget_usd":{{budget}}}""");
        if (budget.StartsWith('1'))
        {
            Assert.Equal(200, await ChatAsync(key));
        }

        using var refused = await _edge.PostAsync(key, "/v1/chat/completions", OneDollar);
        var message = (await refused.ErrorAsync(HttpStatusCode.PaymentRequired, "SPEND_CAP_REACHED")).Message;
        Assert.StartsWith(beginning, message, StringComparison.Ordinal);
        Assert.EndsWith(end, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_budget_limits_only_that_key_and_the_project_budget_limits_all()
    {
        var (project, first) = await CreateAsync(2);
        var second = await _edge.CreateKeyAsync(project);
        var keys = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]!.AsArray();
        var id = (string?)keys.Single(key => (string?)key!["last_four"] == first[^4..])!["id"];
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/api-keys/{id}/budget", new { monthly_budget_usd = 1 });

        Assert.Equal((200, 402), (await ChatAsync(first), await ChatAsync(first)));
        Assert.Equal((200, 402), (await ChatAsync(second), await ChatAsync(second)));
        Assert.Equal(1, (decimal?)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys/{id}/budget"))["current_spend_usd"]);
    }

    [Fact]
    public async Task A_request_that_the_provider_refuses_costs_nothing()
    {
        var (_, key) = await CreateAsync(1);
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(400, """{"error":{"message":"no"}}"""));

        Assert.Equal((400, 200, 402), (await ChatAsync(key), await ChatAsync(key), await ChatAsync(key)));
    }

    [Fact]
    public async Task A_model_without_a_price_passes_and_a_change_applies_to_the_next_request()
    {
        var (project, key) = await CreateAsync(1);
        var unpriced = OneDollar.Replace("gpt-4o", "gpt-4-unheard-of", StringComparison.Ordinal);
        Assert.Equal((200, 200), (await ChatAsync(key, unpriced), await ChatAsync(key, unpriced)));
        Assert.Equal((200, 402), (await ChatAsync(key), await ChatAsync(key)));

        await SetAsync(project, new { monthly_budget_usd = 1, enforce = false });
        Assert.Equal(200, await ChatAsync(key));
        await SetAsync(project, new { monthly_budget_usd = (decimal?)null });
        Assert.Equal(200, await ChatAsync(key, TwoDollars));
    }

    [Fact]
    public async Task A_budget_can_refuse_models_without_a_price_and_else_reports_their_number()
    {
        var (project, key) = await CreateAsync(5);
        Assert.Equal("allow", (string?)(await ReadAsync(project))["unpriced"]);
        string[] unpriced = ["gpt-4-unheard-of", "gpt-4-unheard-of ", "openai/GPT-4-Unheard-Of"];
        foreach (var model in unpriced)
        {
            Assert.Equal(200, await ChatAsync(key, OneDollar.Replace("gpt-4o", model, StringComparison.Ordinal)));
        }

        await _edge.RowsOfAsync(project, 3);
        var read = await ReadAsync(project);
        Assert.Equal((3, 0m), ((int)read["unpriced_requests"]!, (decimal)read["current_spend_usd"]!));
        Assert.Contains("3 requests", (string?)read["warning"], StringComparison.Ordinal);
        Assert.Contains(_edge.Logs.Lines, line => line.EventName == "UnpricedUse");

        await SetAsync(project, new { monthly_budget_usd = 5, unpriced = "refuse" });
        Assert.Null((string?)(await ReadAsync(project))["warning"]);
        foreach (var model in unpriced)
        {
            using var refused = await _edge.PostAsync(key, "/v1/chat/completions", OneDollar.Replace("gpt-4o", model, StringComparison.Ordinal));
            Assert.Equal("model", (await refused.ErrorAsync(HttpStatusCode.PaymentRequired, "SPEND_CAP_REACHED")).Param);
        }

        // A model with a price, in any spelling, and a request without a model still pass.
        Assert.Equal((200, 200), (await ChatAsync(key), await ChatAsync(key, OneDollar.Replace("gpt-4o", "openai/GPT-4o", StringComparison.Ordinal))));
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"object":"list","data":[]}"""));
        using var files = await _edge.SendAsync(key, HttpMethod.Get, "/v1/files", null, ("X-Cencori-Provider", "openai"));
        Assert.Equal(HttpStatusCode.OK, files.StatusCode);
        Assert.Equal(2, (decimal?)(await ReadAsync(project))["current_spend_usd"]);

        using var wrong = await _edge.Admin.PutAsync($"/api/projects/{project}/budget", RunningEdge.Json(new { monthly_budget_usd = 5, unpriced = "perhaps" }));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task An_alert_arrives_at_the_webhook_and_is_listed()
    {
        await using var receiver = new ScriptedProvider();
        receiver.Respond((_, response) => response.JsonAsync(200, "{}"));
        var (project, key) = await CreateAsync(2);
        await SetAsync(project, new { monthly_budget_usd = 2, alerts = new[] { 50 }, webhook_url = new Uri(receiver.Address, "/hook").ToString(), webhook_secret = "a-secret-of-the-webhook" });
        Assert.Equal(200, await ChatAsync(key));

        var sent = JsonNode.Parse((await receiver.NextRequestAsync()).BodyText)!;
        Assert.Equal((project, 50, 1m, 2m, "2030-01"), ((string?)sent["project_id"], (int)sent["threshold"]!, (decimal)sent["spend_usd"]!, (decimal)sent["budget_usd"]!, (string?)sent["month"]));
        await Eventually.IsTrueAsync(async () => (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget/alerts"))["alerts"]!.AsArray() is [{ } alert] && (int?)alert["status"] == 200);
    }

    [Fact]
    public void Both_error_dialects_have_the_error()
    {
        var error = new EdgeError(ErrorKind.SpendCapReached, "Used up.") { Param = "monthly_budget_usd" };

        Assert.Equal(
            """{"error":{"message":"Used up.","type":"insufficient_quota","param":"monthly_budget_usd","code":"SPEND_CAP_REACHED"}}""",
            System.Text.Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.OpenAI).Span));
        Assert.Equal(
            """{"error":"Spend cap reached","message":"Used up.","code":"SPEND_CAP_REACHED","param":"monthly_budget_usd"}""",
            System.Text.Encoding.UTF8.GetString(ErrorWriter.Format(error, ErrorDialect.Flat).Span));
    }

    private async Task<(string Project, string Key)> CreateAsync(decimal usd)
    {
        var project = await _edge.CreateProjectAsync("openai");
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 0, output = 1_000_000 } } });
        await SetAsync(project, new { monthly_budget_usd = usd });
        return (project, await _edge.CreateKeyAsync(project));
    }

    private Task<JsonNode> SetAsync(string project, object budget) => _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", budget);

    private Task<JsonNode> ReadAsync(string project) => _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget");

    private async Task<int> ChatAsync(string key, string body = OneDollar)
    {
        using var response = await _edge.PostAsync(key, "/v1/chat/completions", body);
        await response.Content.LoadIntoBufferAsync();
        return (int)response.StatusCode;
    }

    /// <summary>An edge whose clock is stopped ten seconds before the end of a month.</summary>
    public sealed class LateInJanuary : RespondingEdge
    {
        public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 31, 23, 59, 50, TimeSpan.Zero));

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);
    }
}
