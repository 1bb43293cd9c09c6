using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>Somebody else saves while the user corrects a refused form.</summary>
public sealed class CorrectedFormTests(RespondingEdge scripted) : IClassFixture<RespondingEdge>
{
    [Theory]
    [InlineData("/limits", "/limits", "/rate-limits", """{"requests_per_minute":50,"tokens_per_minute":null,"concurrent_requests":null}""", """{"requests_per_minute":77,"tokens_per_minute":null,"concurrent_requests":null}""", "requests_per_minute", "0", "600")]
    [InlineData("/budget", "/budget", "/budget", """{"monthly_budget_usd":5}""", """{"monthly_budget_usd":7}""", "monthly_budget_usd", "0", "9")]
    [InlineData("/settings/networking", "/settings/networking", "/networking", """{"access_mode":"public","allowed_cidrs":["10.0.0.0/8"]}""", """{"access_mode":"public","allowed_cidrs":["192.0.2.0/24"]}""", "allowed_cidrs", "10.0.0.5/8", "10.0.0.0/16")]
    [InlineData("/prices", "/prices", "/prices", """{"prices":[{"provider":"openai","model":"m","input":1,"output":1}]}""", """{"prices":[{"provider":"openai","model":"m","input":2,"output":1}]}""", "prices[0].input", "much", "3")]
    [InlineData("/policies", "/policies/settings", "/policies", """{"rules":[{"name":"Mail","kind":"email"}]}""", """{"rules":[{"name":"Mail","kind":"email"}],"unscanned_endpoints":"allow"}""", "on_output_block", "explode", "finish")]
    public async Task A_correction_overwrites_no_change_by_somebody_else(string page, string action, string api, string stored, string changed, string field, string wrong, string right)
    {
        var id = await scripted.Edge.CreateProjectAsync();
        var root = $"/dashboard/p/{(string)(await scripted.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{id}"))["project"]!["slug"]!}";
        await PutAsync(stored);
        using var client = await PageClient.SignedInAsync(scripted.Edge);
        await client.GetAsync(root + page);
        await client.SubmitAsync(root + action, (field, wrong));
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        await PutAsync(changed);
        var theirs = await ReadAsync();

        await client.SubmitAsync(root + action, (field, right));
        Assert.Equal(HttpStatusCode.PreconditionFailed, client.Response.StatusCode);
        Assert.Contains("Somebody else has changed these settings", client.Text, StringComparison.Ordinal);
        Assert.Equal(theirs, await ReadAsync());

        // Saving once more is intended.
        await client.SubmitAsync(root + action, (field, right));
        Assert.Contains("Saved.", client.Text, StringComparison.Ordinal);
        Assert.NotEqual(theirs, await ReadAsync());

        Task<JsonNode> PutAsync(string body) => scripted.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{id}{api}", body);

        Task<string> ReadAsync() => scripted.Edge.Admin.GetStringAsync($"/api/projects/{id}{api}");
    }
}
