using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Requests that run as an agent: what the provider receives.</summary>
public sealed class AgentRequestTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private static readonly object Config = new { model = "gpt-4o-mini", system_prompt = "Be \"brief\".", temperature = 0.25, tools = new[] { "search" } };

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData("/v1/chat/completions", """{"messages":[{"role":"user","content":"hi"}]}""",
        """{"temperature":0.25,"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be \"brief\"."},{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/chat/completions", """{ "model" : "gpt-4o" , "temperature":2, "temp\u0065rature":1,"messages":[ {"role":"system","content":"x"}, {"role":"user","content":"hi"} ],"x":[1, 2]}""",
        """{ "model" : "gpt-4o-mini" , "temperature":0.25, "temp\u0065rature":0.25,"messages":[{"role":"system","content":"Be \"brief\"."}, {"role":"user","content":"hi"} ],"x":[1, 2]}""")]
    [InlineData("/api/v1/chat/completions", """{"model":"x","tools":[{"type":"function","function":{"name":"search","parameters":{"type":"object","name":"y"}}}],"messages":[]}""",
        """{"temperature":0.25,"model":"gpt-4o-mini","tools":[{"type":"function","function":{"name":"search","parameters":{"type":"object","name":"y"}}}],"messages":[{"role":"system","content":"Be \"brief\"."}]}""")]
    [InlineData("/v1/responses", """{"model":"x","instructions":"other","input":[{"role":"developer","content":"x"},{"role":"user","content":"hi"}]}""",
        """{"temperature":0.25,"model":"gpt-4o-mini","instructions":"Be \"brief\".","input":[{"role":"user","content":"hi"}]}""")]
    [InlineData("/v1/messages", """{"model":"x","system":"other","messages":[{"role":"user","content":"hi"}],"tools":[{"name":"search","input_schema":{}}]}""",
        """{"temperature":0.25,"model":"gpt-4o-mini","system":"Be \"brief\".","messages":[{"role":"user","content":"hi"}],"tools":[{"name":"search","input_schema":{}}]}""")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", """{"messages":[{"role":"user","content":"hi"}],"temperature":null}""",
        """{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be \"brief\"."},{"role":"user","content":"hi"}],"temperature":0.25}""")]
    [InlineData("/v1/embeddings", """{"model":"text-embedding-3-small","input":"hi"}""", """{"model":"text-embedding-3-small","input":"hi"}""")]
    public async Task The_agents_settings_override_the_body(string path, string body, string expected)
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId, Config);
        var key = await _edge.CreateKeyAsync(fixture.ProjectId, "agent", more: new { agent_id = agent });
        foreach (var (shown, headers) in ((string, (string, string)[])[])[(key, []), (key, [("X-Agent-ID", agent)]), (fixture.Key, [("x-agent-id", agent)])])
        {
            using var response = await _edge.PostAsync(shown, path, body, headers);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            Assert.Equal(expected, fixture.Provider.Requests[^1].BodyText);
        }
    }

    [Theory]
    [InlineData("search", "\"model\":\"gpt-4o:online\"", 403)]
    [InlineData("search", "\"model\":\"gpt-4o\",\"models\":[\"gpt-4o\",\"gpt-4o-mini:online\"]", 403)]
    [InlineData("search", "\"model\":\"gpt-4o\",\"models\":[\"gpt-4o-mini:\\u006fnline\"]", 403)]
    [InlineData("search", "\"model\":\"gpt-4o\",\"models\":[\"gpt-4o-mini\"]", 200)]
    [InlineData("plugins", "\"model\":\"gpt-4o:online\"", 200)]
    public async Task A_model_that_searches_the_web_needs_the_tool(string tool, string models, int status)
    {
        var key = await _edge.CreateAgentKeyAsync(fixture.ProjectId, new { tools = new[] { tool } });
        using var response = await _edge.PostAsync(key, "/v1/chat/completions", $$"""{{{models}},"messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal((status, status == 403 ? "tool_not_allowed" : null), ((int)response.StatusCode, status == 403 ? (await response.ErrorAsync()).Reason : null));
    }

    [Theory]
    [InlineData("chat/completions", """{"tools":[{"type":"function","function":{"name":"search"}},{"type":"function","function":{"name":"delete"}}],"messages":[]}""", "delete")]
    [InlineData("chat/completions", """{"tools":[],"tools":[{"type":"function","function":{"name":"delete"}}],"messages":[]}""", "delete")]
    [InlineData("chat/completions", """{"\u0074ools":[{"type":"function","function":{"n\u0061me":"d\u0065lete"}}],"messages":[]}""", "delete")]
    [InlineData("chat/completions", """{"functions":[{"name":"delete"}],"messages":[]}""", "delete")]
    [InlineData("chat/completions", """{"tools":[{"type":"custom","custom":{"name":"delete"}}],"messages":[]}""", "delete")]
    [InlineData("chat/completions", """{"web_search_options":{},"messages":[]}""", "web_search")]
    [InlineData("responses", """{"tools":[{"type":"web_search_preview"}],"input":"x"}""", "web_search_preview")]
    [InlineData("responses", """{"tools":[{"type":"mcp","name":"search"}],"input":"x"}""", "mcp")]
    [InlineData("responses", """{"tools":[{"type":"function","name":"Search"}],"input":"x"}""", "Search")]
    [InlineData("messages", """{"tools":[{"name":"delete","input_schema":{}}],"messages":[]}""", "delete")]
    [InlineData("messages", """{"mcp_servers":[{}],"messages":[]}""", "mcp")]
    public async Task A_tool_that_is_not_allowed_is_refused_by_name(string path, string body, string tool)
    {
        var key = await _edge.CreateAgentKeyAsync(fixture.ProjectId, Config);
        var before = fixture.Provider.Requests.Count;
        using var response = await _edge.PostAsync(key, "/v1/" + path, body);
        var refusal = await response.ErrorAsync();
        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "tool_not_allowed", "tools"), (refusal.Status, refusal.Code, refusal.Reason, refusal.Param));
        Assert.Contains($"'{tool}'", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, fixture.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("chat/completions", """{"Tools":[{"type":"function","function":{"name":"delete"}}],"messages":[]}""")]
    [InlineData("chat/completions", """{"tools":[{"type":"function","function":{"name":"search","Name":"delete"}}],"messages":[]}""")]
    [InlineData("chat/completions", """{"tools":[{"type":"function","function":{"name":"search"},"function":{"name":"delete"}}],"messages":[]}""")]
    [InlineData("chat/completions", """{"tools":[{"type":"function","name":"search","function":{"name":"delete"}}],"messages":[]}""")]
    [InlineData("chat/completions", """{"tools":[{"type":"function"}],"messages":[]}""")]
    [InlineData("chat/completions", """{"tools":["delete"],"messages":[]}""")]
    [InlineData("chat/completions", """{"tools":{"0":{"type":"function","function":{"name":"delete"}}},"messages":[]}""")]
    [InlineData("chat/completions", """{"messages":[],"Temperature":2}""")]
    [InlineData("chat/completions", """{"messages":[],"SYSTEM":"x"}""")]
    [InlineData("completions", """{"prompt":"x"}""")]
    [InlineData("responses", """{"prompt":{"id":"pmpt_1"},"input":"x"}""")]
    public async Task Bodies_that_could_bypass_the_agent_are_refused(string path, string body)
    {
        var key = await _edge.CreateAgentKeyAsync(fixture.ProjectId, Config);
        using var response = await _edge.PostAsync(key, "/v1/" + path, body);
        Assert.Equal((400, "INVALID_REQUEST"), ((int)response.StatusCode, (await response.ErrorAsync()).Code));
    }

    [Theory]
    [InlineData("""{"messages":[],"models":["gpt-4o"]}""", "model_not_allowed")]
    [InlineData("""{"messages":[],"fallbacks":[{"model":"gpt-4o"}]}""", "model_not_allowed")]
    public async Task Additional_models_in_the_body_are_refused(string body, string reason)
    {
        using var response = await _edge.PostAsync(await _edge.CreateAgentKeyAsync(fixture.ProjectId, Config), "/v1/chat/completions", body);
        Assert.Equal((403, reason), ((int)response.StatusCode, (await response.ErrorAsync()).Reason));
    }

    [Fact]
    public async Task The_provider_comes_from_the_agents_model()
    {
        using var response = await _edge.PostAsync(await _edge.CreateAgentKeyAsync(fixture.ProjectId, Config), "/v1/chat/completions", ScriptedEdge.Chat, ("X-Cencori-Provider", "ollama"));
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task An_agent_without_settings_changes_nothing_and_an_empty_tool_list_allows_none()
    {
        using var plain = await _edge.PostAsync(await _edge.CreateAgentKeyAsync(fixture.ProjectId), "/v1/chat/completions", ScriptedEdge.Chat);
        Assert.Equal(200, (int)plain.StatusCode);
        Assert.Equal(ScriptedEdge.Chat, fixture.Provider.Requests[^1].BodyText);

        var none = await _edge.CreateAgentKeyAsync(fixture.ProjectId, new { tools = Array.Empty<string>() });
        using var without = await _edge.PostAsync(none, "/v1/chat/completions", ScriptedEdge.Chat);
        using var with = await _edge.PostAsync(none, "/v1/chat/completions", """{"model":"gpt-4o","messages":[],"tools":[{"type":"function","function":{"name":"search"}}]}""");
        Assert.Equal((200, 403), ((int)without.StatusCode, (int)with.StatusCode));
    }

    [Fact]
    public async Task The_record_and_the_logs_carry_the_agent()
    {
        var project = await _edge.CreateProjectAsync("openai");
        var agent = await _edge.CreateAgentAsync(project, Config);
        using (await _edge.PostAsync(await _edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.Chat, ("X-Agent-ID", agent)))
        using (await _edge.PostAsync(await _edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.Chat))
        {
        }

        JsonArray? logs = null;
        await Eventually.IsTrueAsync(async () =>
        {
            var all = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray();
            logs = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?agent={agent}"))["requests"]!.AsArray();
            return all.Count == 2;
        });
        Assert.Equal((agent, "gpt-4o-mini"), ((string?)Assert.Single(logs!)!["agent_id"], (string?)logs![0]!["model_served"]));
        Assert.Empty((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs?agent=agt_other"))["requests"]!.AsArray());
    }
}
