using System.Text.Json.Nodes;
using Cencori.Edge.Models;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Agents and their keys never grant more than the key that creates them.</summary>
public sealed class LimitedKeyTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Mini = ["gpt-4o-mini*", "anthropic:*"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData("""{}""", """["gpt-4o-mini*","anthropic:*"]""")]
    [InlineData("""{"allowed_models":null}""", """["gpt-4o-mini*","anthropic:*"]""")]
    [InlineData("""{"allowed_models":["gpt-4o-mini"]}""", """["gpt-4o-mini"]""")]
    [InlineData("""{"allowed_models":["gpt-4o"]}""", null)]
    [InlineData("""{"allowed_models":["gpt-4o-mini","*"]}""", null)]
    public async Task A_key_grants_only_its_own_models(string body, string? models)
    {
        var maker = await _edge.CreateKeyAsync(fixture.ProjectId, more: new { allowed_models = Mini });
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        using var response = await _edge.PostAsync(maker, $"/v1/agents/{agent}/keys", body);
        if (models is null)
        {
            var refusal = await response.ErrorAsync();
            Assert.Equal((403, "model_not_allowed", "allowed_models"), (refusal.Status, refusal.Reason, refusal.Param));
            return;
        }

        var created = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((201, models), ((int)response.StatusCode, created["allowed_models"]!.ToJsonString()));
        using var refused = await _edge.PostAsync((string)created["full_key"]!, "/v1/chat/completions", ScriptedEdge.Chat);
        Assert.Equal("model_not_allowed", (await refused.ErrorAsync()).Reason);
    }

    [Fact]
    public async Task A_key_creates_no_key_that_outlives_it()
    {
        var maker = await _edge.CreateKeyAsync(fixture.ProjectId, more: new { expires_at = "2099-01-01T00:00:00Z" });
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        foreach (var (body, status) in ((string, int)[])[("{}", 201), ("""{"expires_at":"2098-01-01T00:00:00Z"}""", 201), ("""{"expires_at":"2099-01-01T00:00:01Z"}""", 403)])
        {
            using var response = await _edge.PostAsync(maker, $"/v1/agents/{agent}/keys", body);
            var text = await response.Content.ReadAsStringAsync();
            Assert.Equal(status, (int)response.StatusCode);
            Assert.True(status == 403 ? (await response.ErrorAsync()).Param == "expires_at" : (DateTimeOffset)JsonNode.Parse(text)!["expires_at"]! <= new DateTimeOffset(2099, 1, 1, 0, 0, 0, default), text);
        }
    }

    [Fact]
    public async Task A_key_with_a_budget_creates_no_keys()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var maker = await _edge.CreateKeyAsync(project);
        var id = (string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]![0]!["id"]!;
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/api-keys/{id}/budget", new { monthly_budget_usd = 1 });
        var keys = $"/v1/agents/{await _edge.CreateAgentAsync(project)}/keys";
        using var response = await _edge.PostAsync(maker, keys, "{}");
        var refusal = await response.ErrorAsync();
        Assert.Equal((403, "key_type"), (refusal.Status, refusal.Reason));
        Assert.Contains("budget", refusal.Message, StringComparison.Ordinal);

        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/api-keys/{id}/budget", new { monthly_budget_usd = (decimal?)null });
        using var unlimited = await _edge.PostAsync(maker, keys, "{}");
        Assert.True(unlimited.IsSuccessStatusCode, await unlimited.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_key_gives_an_agent_only_models_that_it_may_use()
    {
        var maker = await _edge.CreateKeyAsync(fixture.ProjectId, more: new { allowed_models = Mini });
        using var wide = await _edge.PostAsync(maker, "/v1/agents", """{"name":"a","config":{"model":"gpt-4o"}}""");
        using var own = await _edge.PostAsync(maker, "/v1/agents", """{"name":"a","config":{"model":"openai/gpt-4o-mini"}}""");
        var agent = (string)JsonNode.Parse(await own.Content.ReadAsStringAsync())!["id"]!;
        using var changed = await _edge.SendAsync(maker, HttpMethod.Patch, $"/v1/agents/{agent}", RunningEdge.Json("""{"config":{"model":"gpt-4o"}}"""));
        using var renamed = await _edge.SendAsync(maker, HttpMethod.Patch, $"/v1/agents/{agent}", RunningEdge.Json("""{"name":"b"}"""));
        foreach (var refused in (HttpResponseMessage[])[wide, changed])
        {
            var refusal = await refused.ErrorAsync();
            Assert.Equal((403, "model_not_allowed", "config.model"), (refusal.Status, refusal.Reason, refusal.Param));
        }

        Assert.Equal((201, 200), ((int)own.StatusCode, (int)renamed.StatusCode));
    }

    [Fact]
    public async Task A_test_key_cannot_change_an_agent_with_production_keys()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var test = await _edge.CreateKeyAsync(project, environment: "test");
        using var created = await _edge.PostAsync(test, "/v1/agents", """{"name":"a"}""");
        var agent = (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["id"]!;
        var path = $"/v1/agents/{agent}";
        using var ownKey = await _edge.PostAsync(test, path + "/keys", "{}");
        using var before = await _edge.SendAsync(test, HttpMethod.Patch, path, RunningEdge.Json("""{"name":"b"}"""));
        var key = (string)(await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/agents/{agent}/keys"))["apiKey"]!["id"]!;
        using var change = await _edge.SendAsync(test, HttpMethod.Patch, path, RunningEdge.Json("""{"is_active":false}"""));
        using var delete = await _edge.SendAsync(test, HttpMethod.Delete, path);
        foreach (var refused in (HttpResponseMessage[])[change, delete])
        {
            var refusal = await refused.ErrorAsync();
            Assert.Equal((403, "key_type"), (refusal.Status, refusal.Reason));
            Assert.Contains("production keys", refusal.Message, StringComparison.Ordinal);
        }

        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/api-keys/{key}", new { revoked = true });
        using var after = await _edge.SendAsync(test, HttpMethod.Delete, path);
        Assert.Equal((201, 200, 200), ((int)ownKey.StatusCode, (int)before.StatusCode, (int)after.StatusCode));
    }

    [Theory]
    [InlineData("gpt-4o", "gpt-4o", true)]
    [InlineData("gpt-4o", "gpt-*", true)]
    [InlineData("gpt-*", "gpt-*", true)]
    [InlineData("gpt-4*", "gpt-*", true)]
    [InlineData("gpt-*", "gpt-4*", false)]
    [InlineData("gpt-*", "gpt-", false)]
    [InlineData("openai:gpt-4o", "openai:*", true)]
    [InlineData("openai:*", "openai:gpt-4o", false)]
    [InlineData("gpt-4o", "openai:gpt-4o", false)]
    [InlineData("anthropic:gpt-4o", "openai:gpt-4o", false)]
    [InlineData("openai:x", "o*", false)]
    [InlineData("openai:x", "*", true)]
    [InlineData("ft:gpt-4o:acme", "ft:gpt-4o:*", true)]
    public void An_entry_is_covered_by_an_entry_that_allows_at_least_as_much(string entry, string other, bool isCovered) =>
        Assert.Equal(isCovered, AllowedModels.IsCovered(entry, ["nothing", other]));
}
