using System.Net;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Wire;

/// <summary>Agents on two edges with one database and one Redis.</summary>
public sealed class AgentEdgesTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    // The documentation promises one second, but a busy machine needs more. Without a notification the other edge would look again only after 30 s.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [RedisFact]
    public async Task A_change_of_an_agent_on_one_edge_soon_holds_on_the_other()
    {
        var (agent, key) = await AgentAsync();
        Assert.Equal((200, 200), (await TwoEdges.ChatAsync(edges.A, key), await TwoEdges.ChatAsync(edges.B, key)));

        await edges.A.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{edges.ProjectId}/agents/{agent}", new { is_active = false });
        Assert.Equal(403, await TwoEdges.ChatAsync(edges.A, key));
        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == 403, Soon);

        await edges.B.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{edges.ProjectId}/agents/{agent}");
        Assert.Equal(401, await TwoEdges.ChatAsync(edges.B, key));
        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.A, key) == 401, Soon);
    }

    [RedisFact]
    public async Task Both_edges_share_an_agents_limit_and_a_refusal_by_the_project_gives_it_back()
    {
        var (project, secret) = await edges.CreateAsync(new { requests_per_minute = 1, burst = 1 });
        var (_, key) = await AgentAsync(project, new { requests_per_minute = 1, burst = 3, tokens_per_minute = 100_000, concurrent_requests = 5 });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, secret));
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(429, await TwoEdges.ChatAsync(i % 2 == 0 ? edges.A : edges.B, key));
        }

        await edges.A.SetLimitsAsync(project, new { });
        await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, secret) == 200);
        var statuses = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            statuses.Add(await TwoEdges.ChatAsync(i % 2 == 0 ? edges.A : edges.B, key));
        }

        Assert.Equal(3, statuses.Count(status => status == 200));
    }

    [RedisFact]
    public async Task A_tool_call_held_at_one_edge_can_be_decided_and_polled_at_the_other()
    {
        var (agent, key) = await AgentAsync(isShadow: true);
        edges.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"delete","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"""));
        using var edgeResponse = await edges.A.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
        var id = (string)JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!["cencori"]!["pending_action_ids"]![0]!;

        var decide = $"/api/projects/{edges.ProjectId}/agents/{agent}/actions/{id}/approve";
        var both = await Task.WhenAll(((RunningEdge[])[edges.A, edges.B, edges.A, edges.B]).Select(edge => edge.Admin.PostAsync(decide, null)));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], both.Select(one => one.StatusCode).Order());
        foreach (var edge in (RunningEdge[])[edges.A, edges.B])
        {
            using var poll = await edge.SendAsync(key, HttpMethod.Get, $"/v1/agent/actions/poll?ids={id}");
            Assert.True((bool)JsonNode.Parse(await poll.Content.ReadAsStringAsync())!["all_resolved"]!);
        }
    }

    private async Task<(string AgentId, string Key)> AgentAsync(string? project = null, object? limits = null, bool isShadow = false)
    {
        project ??= edges.ProjectId;
        var agent = await edges.A.CreateAgentAsync(project, isShadow: isShadow);
        if (limits is not null)
        {
            await edges.A.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/agents/{agent}/rate-limits", limits);
        }

        var key = await edges.A.CreateKeyAsync(project, "agent", more: new { agent_id = agent });
        await Eventually.IsTrueAsync(async () =>
        {
            // This path is refused for every key, so it takes nothing from a limit.
            using var response = await edges.B.SendAsync(key, HttpMethod.Get, "/v1/chat//completions");
            return response.StatusCode != HttpStatusCode.Unauthorized;
        });
        return (agent, key);
    }
}
