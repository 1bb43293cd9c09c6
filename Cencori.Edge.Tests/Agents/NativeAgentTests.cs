using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Agents at the native endpoint.</summary>
public sealed class NativeAgentTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Search = ["search"];

    private const string Call = """[{"index":0,"id":"call_1","type":"function","function":{"name":"delete","arguments":"{\"id\":1}"}}]""";

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task The_agents_settings_override_the_body()
    {
        var key = await _edge.CreateAgentKeyAsync(fixture.ProjectId, new { model = "gpt-4o-mini", system_prompt = "Be brief.", temperature = 0.25, tools = Search });
        using var response = await SendAsync(key, """{"messages":[{"role":"system","content":"x"},{"role":"user","content":"hi"}],"maxTokens":5,"temperature":1}""");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal("""{"model":"gpt-4o-mini","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"max_tokens":5,"temperature":0.25}""", fixture.Provider.Requests[^1].BodyText);

        using var refused = await SendAsync(key, """{"messages":[],"tools":[{"type":"function","function":{"name":"delete"}}]}""");
        var refusal = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal((403, "Insufficient permissions", "tool_not_allowed"), ((int)refused.StatusCode, (string?)refusal["error"], (string?)refusal["reason"]));
    }

    [Fact]
    public async Task In_shadow_mode_a_document_has_no_calls_anywhere()
    {
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200,
            $$"""{"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":{{Call}} },"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }"""));
        using var edgeResponse = await SendAsync(await _edge.CreateAgentKeyAsync(fixture.ProjectId, isShadow: true), """{"model":"gpt-4o","messages":[]}""");
        var json = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!.AsObject();
        Assert.Equal(("stop", false, true, null), ((string?)json["finish_reason"], json.ContainsKey("tool_calls"), json.ContainsKey("toolCalls"), json["toolCalls"]));
        Assert.Equal("""{"role":"assistant","content":null}""", json["choices"]![0]!["message"]!.ToJsonString());
        Assert.Equal("delete", (string?)Assert.Single(json["cencori"]!["pending_actions"]!.AsArray())!["tool"]);
    }

    [Fact]
    public async Task In_shadow_mode_a_stream_has_a_shadow_event_before_its_end()
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId, isShadow: true);
        fixture.Provider.Enqueue((_, response) => response.SseAsync([
            """{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}""",
            $$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":{{Call}}},"finish_reason":null}]}""",
            """{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
            """{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"""]));
        using var edgeResponse = await SendAsync(fixture.Key, """{"model":"gpt-4o","stream":true,"messages":[]}""", ("X-Agent-ID", agent));
        var text = await edgeResponse.Content.ReadAsStringAsync();
        var events = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var shadow = Array.FindIndex(events, one => one.StartsWith("event: shadow_mode\ndata: ", StringComparison.Ordinal));
        Assert.True(shadow > 0, text);
        var reported = JsonNode.Parse(events[shadow]["event: shadow_mode\ndata: ".Length..])!;
        Assert.Equal(("shadow_approval_required", agent, "{\"id\":1}"), ((string?)reported["type"], (string?)reported["agent_id"], (string?)reported["pending_actions"]![0]!["arguments"]));
        var end = JsonNode.Parse(events[shadow + 1]["data: ".Length..])!.AsObject();
        Assert.Equal(("stop", "stop", false), ((string?)end["finish_reason"], (string?)end["choices"]![0]!["finish_reason"], end["choices"]![0]!["delta"]!.AsObject().ContainsKey("tool_calls")));
        Assert.Null(end["tool_calls"]);
        Assert.Null(end["toolCalls"]);
        Assert.Equal("data: [DONE]", events[^1]);
        Assert.DoesNotContain(events.Where((_, index) => index != shadow), one => one.Contains("delete", StringComparison.Ordinal));
    }

    private Task<HttpResponseMessage> SendAsync(string key, string body, params (string Name, string Value)[] headers) => _edge.PostAsync(key, "/api/ai/chat", body, headers);
}
