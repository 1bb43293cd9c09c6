using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Budgets and prices of a project, as an administrator writes and reads them.</summary>
public sealed class BudgetAndPriceApiTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private const string Secret = "recognisable-webhook-secret";

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData("budget", """{}""", "monthly_budget_usd")]
    [InlineData("budget", """{"monthly_budget_usd":0}""", "monthly_budget_usd")]
    [InlineData("budget", """{"monthly_budget_usd":-1}""", "monthly_budget_usd")]
    [InlineData("budget", """{"monthly_budget_usd":1000001}""", "monthly_budget_usd")]
    [InlineData("budget", """{"monthly_budget_usd":"5"}""", "monthly_budget_usd")]
    [InlineData("budget", """{"monthly_budget_usd":5,"current_spend_usd":0}""", "current_spend_usd")]
    [InlineData("budget", """{"monthly_budget_usd":5,"enforce":null}""", "enforce")]
    [InlineData("budget", """{"monthly_budget_usd":5,"alerts":[0]}""", "alerts")]
    [InlineData("budget", """{"monthly_budget_usd":5,"alerts":[50,50]}""", "alerts")]
    [InlineData("budget", """{"monthly_budget_usd":5,"webhook_url":"http://example.com/","webhook_secret":"0123456789abcdef"}""", "webhook_url")]
    [InlineData("budget", """{"monthly_budget_usd":5,"webhook_url":"https://u:p@example.com/","webhook_secret":"0123456789abcdef"}""", "webhook_url")]
    [InlineData("budget", """{"monthly_budget_usd":5,"webhook_url":"ftp://localhost/","webhook_secret":"0123456789abcdef"}""", "webhook_url")]
    [InlineData("budget", """{"monthly_budget_usd":5,"webhook_url":"/hook","webhook_secret":"0123456789abcdef"}""", "webhook_url")]
    [InlineData("budget", """{"monthly_budget_usd":5,"webhook_url":"https://example.com/"}""", "webhook_secret")]
    [InlineData("budget", """{"monthly_budget_usd":5,"webhook_secret":"short"}""", "webhook_secret")]
    [InlineData("prices", """{}""", "prices")]
    [InlineData("prices", """{"prices":null}""", "prices")]
    [InlineData("prices", """{"prices":[{"provider":"nobody","model":"m","input":1,"output":1}]}""", "prices[0].provider")]
    [InlineData("prices", """{"prices":[{"provider":"openai","model":"m","input":-1,"output":1}]}""", "prices[0].input")]
    [InlineData("prices", """{"prices":[{"provider":"openai","model":"m","input":1}]}""", "prices[0].output")]
    [InlineData("prices", """{"prices":[{"provider":"openai","model":"m*m","input":1,"output":1}]}""", "prices[0].model")]
    [InlineData("prices", """{"prices":[{"provider":"openai","model":"m","input":1,"output":1,"from":"tomorrow"}]}""", "prices[0].from")]
    [InlineData("prices", """{"prices":[{"provider":"openai","model":"m","price":1}]}""", "price")]
    public async Task A_bad_body_is_refused_and_the_field_is_named(string what, string body, string field)
    {
        var path = $"/api/projects/{fixture.ProjectId}/{what}";
        var before = await ReadAsync(path);
        using var response = await _edge.Admin.PutAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));
        var refusal = await response.ErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST"), (refusal.Status, refusal.Code));
        Assert.True(refusal.Param == field || refusal.Message.Contains($"'{field}'", StringComparison.Ordinal), refusal.ToString());
        Assert.Equal(before, await ReadAsync(path));
    }

    [Theory]
    [InlineData("nope/budget")]
    [InlineData("nope/prices")]
    [InlineData("P/api-keys/nope/budget")]
    public async Task Unknown_objects_get_404(string path)
    {
        using var response = await _edge.Admin.GetAsync("/api/projects/" + path.Replace("P/", fixture.ProjectId + "/", StringComparison.Ordinal));
        Assert.Equal((404, "NOT_FOUND"), ((int)response.StatusCode, (await response.ErrorAsync()).Code));
    }

    [Fact]
    public async Task A_budget_is_read_as_it_was_written_and_its_secret_is_never_shown()
    {
        var path = $"/api/projects/{await _edge.CreateProjectAsync()}/budget";
        Assert.Equal("""{"monthly_budget_usd":null,"enforce":true,"alerts":[50,80,100],"current_spend_usd":0,"unpriced":"allow","unpriced_requests":0,"warning":null,"webhook_url":null}""", await ReadAsync(path));

        var written = await _edge.SendAdminAsync(HttpMethod.Put, path, JsonNode.Parse(
            $$"""{"monthly_budget_usd":12.5,"enforce":false,"alerts":[90,10],"webhook_url":"https://example.com/hook","webhook_secret":"{{Secret}}"}"""));
        const string Expected = """{"monthly_budget_usd":12.5,"enforce":false,"alerts":[10,90],"current_spend_usd":0,"unpriced":"allow","unpriced_requests":0,"warning":null,"webhook_url":"https://example.com/hook"}""";
        Assert.Equal(Expected, written.ToJsonString());
        Assert.Equal(Expected, await ReadAsync(path));

        // An absent secret stays.
        await _edge.SendAdminAsync(HttpMethod.Put, path, new { monthly_budget_usd = 1, webhook_url = "https://example.com/other" });

        // It is not used for another server, also not if the URL was removed in between.
        await AssertNeedsSecretAsync();
        await _edge.SendAdminAsync(HttpMethod.Put, path, new { monthly_budget_usd = 1 });
        await AssertNeedsSecretAsync();
        using var withoutSecret = await _edge.Admin.PutAsync(path, RunningEdge.Json(new { monthly_budget_usd = 1, webhook_url = "https://example.com/", webhook_secret = (string?)null }));
        Assert.Equal("webhook_secret", (await withoutSecret.ErrorAsync()).Param);
        Assert.DoesNotContain(_edge.Logs.Lines, line => line.Text.Contains(Secret, StringComparison.Ordinal));

        async Task AssertNeedsSecretAsync()
        {
            foreach (var url in (string[])["https://example.org/hook", "https://example.com:8443/hook"])
            {
                using var elsewhere = await _edge.Admin.PutAsync(path, RunningEdge.Json(new { monthly_budget_usd = 1, webhook_url = url }));
                Assert.Equal("webhook_secret", (await elsewhere.ErrorAsync()).Param);
            }
        }
    }

    [Fact]
    public async Task A_rotated_key_passes_its_budget_to_its_successor()
    {
        var keys = $"/api/projects/{await _edge.CreateProjectAsync()}/api-keys";
        var old = (string?)(await _edge.SendAdminAsync(HttpMethod.Post, keys, new { name = "k", key_type = "secret", environment = "test" }))["apiKey"]!["id"];
        await _edge.SendAdminAsync(HttpMethod.Put, $"{keys}/{old}/budget", new { monthly_budget_usd = 3, webhook_url = "https://example.com/hook", webhook_secret = Secret });

        var successor = (string?)(await _edge.SendAdminAsync(HttpMethod.Post, $"{keys}/{old}/rotate", new { }))["apiKey"]!["id"];
        Assert.Equal(await ReadAsync($"{keys}/{old}/budget"), await ReadAsync($"{keys}/{successor}/budget"));
        await _edge.SendAdminAsync(HttpMethod.Put, $"{keys}/{successor}/budget", new { monthly_budget_usd = 4, webhook_url = "https://example.com/hook" });
    }

    [Fact]
    public async Task Prices_are_read_as_written_and_an_empty_list_removes_them()
    {
        var path = $"/api/projects/{await _edge.CreateProjectAsync()}/prices";
        const string Prices = """{"prices":[{"provider":"openai","model":"gpt-*","input":1.25,"cached_input":0.000001,"output":10,"from":"2026-11-01"},{"provider":"openai","model":"dall-e-3","per_image":0.04}]""";
        const string NoneUnpriced = ""","unpriced":[]}""";
        var written = await _edge.SendAdminAsync(HttpMethod.Put, path, JsonNode.Parse(Prices + "}"));
        Assert.Equal(Prices + NoneUnpriced, written.ToJsonString());
        Assert.Equal(Prices + NoneUnpriced, await ReadAsync(path));

        await _edge.SendAdminAsync(HttpMethod.Put, path, JsonNode.Parse("""{"prices":[]}"""));
        Assert.Equal("""{"prices":[]""" + NoneUnpriced, await ReadAsync(path));
    }

    private async Task<string> ReadAsync(string path) => (await _edge.SendAdminAsync(HttpMethod.Get, path)).ToJsonString();
}
