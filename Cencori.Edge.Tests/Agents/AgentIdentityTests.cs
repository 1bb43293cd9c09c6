using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Which agent a request runs as, and which keys may name it.</summary>
public sealed class AgentIdentityTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Localhost = ["localhost"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task An_agent_of_another_project_gets_404_with_the_same_response_as_an_unknown_one()
    {
        var other = await _edge.CreateAgentAsync(await _edge.CreateProjectAsync("openai"));
        var mine = await _edge.CreateAgentAsync(fixture.ProjectId);
        var cake = await _edge.CreateAgentKeyAsync(fixture.ProjectId);
        var bodies = new HashSet<string>();
        foreach (var (key, id) in ((string, string)[])[(fixture.Key, other), (fixture.Key, "agt_nobody"), (fixture.Key, "a, b"), (cake, mine), (cake, other), (cake, "agt_nobody")])
        {
            using var response = await fixture.ChatAsync(key, null, ("X-Agent-ID", id));
            Assert.Equal((id, 404), (id, (int)response.StatusCode));
            bodies.Add(await response.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
    }

    [Fact]
    public async Task A_header_with_several_agents_or_none_is_refused()
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        foreach (var header in (string[])[$"X-Agent-ID: {agent}\r\nX-Agent-ID: {agent}\r\n", "X-Agent-ID:  \r\n"])
        {
            var response = await RawAsync(header);
            Assert.Equal(400, response.Status);
            Assert.Contains("\"param\":\"X-Agent-ID\"", response.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_publishable_key_cannot_run_as_an_agent()
    {
        var key = await _edge.CreateKeyAsync(fixture.ProjectId, "publishable", more: new { allowed_domains = Localhost });
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        using var response = await fixture.ChatAsync(key, null, ("X-Agent-ID", agent), ("Origin", "http://localhost"));
        Assert.Equal((403, "key_type"), ((int)response.StatusCode, (await response.ErrorAsync()).Reason));
    }

    [Fact]
    public async Task A_disabled_agent_is_refused_from_the_next_request_on()
    {
        var agents = $"/api/projects/{fixture.ProjectId}/agents";
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        var key = await _edge.CreateKeyAsync(fixture.ProjectId, "agent", more: new { agent_id = agent });
        (string, (string, string)[])[] ways = [(key, []), (fixture.Key, [("X-Agent-ID", agent)])];
        foreach (var isActive in (bool[])[true, false, true])
        {
            await _edge.SendAdminAsync(HttpMethod.Patch, $"{agents}/{agent}", new { is_active = isActive });
            foreach (var (shown, headers) in ways)
            {
                using var response = await fixture.ChatAsync(shown, null, headers);
                Assert.Equal(isActive ? 200 : 403, (int)response.StatusCode);
                Assert.True(isActive || (await response.ErrorAsync()).Reason == "agent_disabled");
            }
        }
    }

    [Fact]
    public async Task Keys_of_a_deleted_agent_no_longer_work()
    {
        var agents = $"/api/projects/{fixture.ProjectId}/agents";
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        var key = await _edge.CreateKeyAsync(fixture.ProjectId, "agent", more: new { agent_id = agent });
        using (await fixture.ChatAsync(key))
        {
        }

        await _edge.SendAdminAsync(HttpMethod.Delete, $"{agents}/{agent}");
        using var response = await fixture.ChatAsync(key);
        using var named = await fixture.ChatAsync(fixture.Key, null, ("X-Agent-ID", agent));
        Assert.Equal((401, 404), ((int)response.StatusCode, (int)named.StatusCode));
    }

    [Theory]
    [InlineData("GET", "/v1/files", 403)]
    [InlineData("POST", "/v1/batches", 403)]
    [InlineData("POST", "/v1/images/generations", 403)]
    [InlineData("GET", "/v1/metrics", 403)]
    [InlineData("GET", "/v1/agents", 403)]
    [InlineData("POST", "/v1/agents", 403)]
    [InlineData("GET", "/v1/responses/resp_1", 403)]
    [InlineData("GET", "/v1/models", 200)]
    [InlineData("POST", "/v1/messages", 200)]
    [InlineData("POST", "/v1/messages/count_tokens", 403)]
    public async Task An_agents_key_can_call_inference_endpoints_only(string method, string path, int status)
    {
        var key = await _edge.CreateAgentKeyAsync(fixture.ProjectId);
        using var response = await _edge.SendAsync(key, new(method), path, method == "POST" ? RunningEdge.Json(ScriptedEdge.Chat) : null);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.True(status == 200 || (await response.ErrorAsync()).Reason == "key_type");
    }

    [Theory]
    [InlineData("POST", "/v1/batches", 400)]
    [InlineData("POST", "/v1/fine_tuning/jobs", 400)]
    [InlineData("POST", "/v1/realtime/client_secrets", 400)]
    [InlineData("POST", "/v1/unknown", 400)]
    [InlineData("PUT", "/v1/unknown", 400)]
    [InlineData("PATCH", "/v1/unknown/1", 400)]
    [InlineData("PUT", "/v1/batches/b", 400)]
    [InlineData("GET", "/v1/files", 200)]
    [InlineData("GET", "/v1/models", 200)]
    [InlineData("POST", "/v1/images/generations", 200)]
    [InlineData("GET", "/v1/agents", 200)]
    public async Task A_secret_keys_agent_header_is_refused_where_agents_do_not_apply(string method, string path, int status)
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId);
        using var response = await _edge.SendAsync(fixture.Key, new(method), path, method == "POST" ? RunningEdge.Json(ScriptedEdge.Chat) : null, ("X-Agent-ID", agent));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.True(status == 200 || (await response.ErrorAsync()).Param == "X-Agent-ID");
    }

    // HttpClient joins repeated headers, so this test uses a raw client.
    private async Task<RawResponse> RawAsync(string header)
    {
        using var client = await RawClient.ConnectAsync(_edge);
        await client.PostAsync(fixture.Key, "/v1/chat/completions", ScriptedEdge.Chat, header);
        return await client.ReadResponseAsync();
    }
}
