using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Limits and budgets of agents, in addition to those of projects and keys.</summary>
public sealed class AgentLimitsTests(ClockedEdge fixture) : IClassFixture<ClockedEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task An_agents_requests_are_limited_and_others_are_not()
    {
        var (project, secret) = await fixture.CreateAsync(new { requests_per_minute = 100 });
        var (agent, key) = await AgentAsync(project, new { requests_per_minute = 2, tokens_per_minute = (long?)null, concurrent_requests = (long?)null });
        for (var i = 0; i < 2; i++)
        {
            using var passed = await fixture.ChatAsync(i == 0 ? key : secret, null, [.. i == 0 ? Array.Empty<(string, string)>() : [("X-Agent-ID", agent)]]);
            Assert.Equal((200, $"{1 - i}"), ((int)passed.StatusCode, passed.Headers.GetValues("X-RateLimit-Remaining").Single()));
        }

        using var refused = await fixture.ChatAsync(key);
        var refusal = await refused.ErrorAsync();
        Assert.Equal((429, "requests"), (refusal.Status, refusal.Param));
        Assert.StartsWith("The agent's limit of 2 requests a minute", refusal.Message, StringComparison.Ordinal);
        using var other = await fixture.ChatAsync(secret);
        Assert.Equal((200, "97"), ((int)other.StatusCode, other.Headers.GetValues("X-RateLimit-Remaining").Single()));
    }

    [Fact]
    public async Task Polls_for_decisions_count_for_the_agents_limits()
    {
        var (project, _) = await fixture.CreateAsync(new { });
        var (_, key) = await AgentAsync(project, new { requests_per_minute = 2, tokens_per_minute = (long?)null, concurrent_requests = (long?)null });
        for (var i = 0; i < 3; i++)
        {
            using var poll = await _edge.SendAsync(key, HttpMethod.Get, "/v1/agent/actions/poll?ids=act_1");
            Assert.Equal((i, i < 2 ? 200 : 429), (i, (int)poll.StatusCode));
        }
    }

    [Fact]
    public async Task A_refusal_by_the_projects_limit_does_not_use_up_the_agents_limit()
    {
        var (project, secret) = await fixture.CreateAsync(new { requests_per_minute = 1 });
        var (_, key) = await AgentAsync(project, new { requests_per_minute = 2, burst = 2, tokens_per_minute = 5_000, concurrent_requests = 1 });
        using (await fixture.ChatAsync(secret))
        {
        }

        for (var i = 0; i < 5; i++)
        {
            using var refused = await fixture.ChatAsync(key);
            Assert.StartsWith("The project's limit", (await refused.ErrorAsync()).Message, StringComparison.Ordinal);
        }

        await _edge.SetLimitsAsync(project, new { });
        for (var i = 0; i < 2; i++)
        {
            using var passed = await fixture.ChatAsync(key);
            Assert.Equal(200, (int)passed.StatusCode);
        }
    }

    [Fact]
    public async Task An_agents_tokens_are_limited_with_its_system_prompt()
    {
        var (project, _) = await fixture.CreateAsync(new { });
        var agent = await _edge.CreateAgentAsync(project, new { system_prompt = new string('x', 4_000) });
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/agents/{agent}/rate-limits", new { requests_per_minute = (long?)null, tokens_per_minute = 1_050, concurrent_requests = (long?)null });
        var key = await _edge.CreateKeyAsync(project, "agent", more: new { agent_id = agent });
        using var large = await fixture.PostChatAsync(key, tokens: 100);
        using var small = await fixture.PostChatAsync(key, tokens: 30);
        Assert.Equal((429, "tokens", 200), ((int)large.StatusCode, (await large.ErrorAsync()).Param, (int)small.StatusCode));
    }

    [Fact]
    public async Task An_agents_budget_is_its_own()
    {
        var (project, secret) = await fixture.CreateAsync(new { });
        await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 0, output = 1_000 } } });
        var (agent, key) = await AgentAsync(project, limits: null);
        var budget = $"/api/projects/{project}/agents/{agent}/budget";
        await _edge.SendAdminAsync(HttpMethod.Put, budget, new { monthly_budget_usd = 0.25 });
        using var passed = await fixture.PostChatAsync(key, tokens: 210);
        using var refused = await fixture.PostChatAsync(key, tokens: 210);
        using var other = await fixture.PostChatAsync(secret, tokens: 210);
        var refusal = await refused.ErrorAsync();
        Assert.Equal((200, 402, 200), ((int)passed.StatusCode, refusal.Status, (int)other.StatusCode));
        Assert.StartsWith("The agent's budget of 0.25 USD", refusal.Message, StringComparison.Ordinal);

        JsonNode? reported = null;
        await Eventually.IsTrueAsync(async () => (decimal)(reported = await _edge.SendAdminAsync(HttpMethod.Get, budget))["current_spend_usd"]! == 0.2m);
        Assert.Equal(0.25m, (decimal)reported!["monthly_budget_usd"]!);
        using var background = await _edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"x","background":true}""");
        Assert.Equal((400, "background"), ((int)background.StatusCode, (await background.ErrorAsync()).Param));
        await _edge.AssertLedgerClosesAsync(project);
    }

    private async Task<(string AgentId, string Key)> AgentAsync(string project, object? limits)
    {
        var agent = await _edge.CreateAgentAsync(project);
        if (limits is not null)
        {
            await _edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/agents/{agent}/rate-limits", limits);
        }

        return (agent, await _edge.CreateKeyAsync(project, "agent", more: new { agent_id = agent }));
    }
}
