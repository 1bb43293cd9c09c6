using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Agents;

/// <summary>Agents in shadow mode: what happens to their tool calls, and how they are decided.</summary>
public sealed class ShadowModeTests(RespondingEdge fixture) : IClassFixture<RespondingEdge>
{
    private const string Document = """
        {"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"Let me see.","tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"delete","arguments":"{\"id\":1}"}},{"id":"call_2","type":"function","function":{"name":"search","arguments":"{}"}}]},"finish_reason":"tool_calls"}],
        "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}
        """;

    private static readonly string[] Chunks =
    [
        """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
        """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"Sehen wir nach … 🎈"},"finish_reason":null}]}""",
        """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"delete","arguments":""}}]},"finish_reason":null}]}""",
        """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"\u0074ool_calls":[{"index":0,"function":{"arguments":"{\"id\""}}]},"finish_reason":null}]}""",
        """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]},"finish_reason":null}]}""",
        """{"id":"c1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
    ];

    private readonly RunningEdge _edge = fixture.Edge;

    [Fact]
    public async Task A_document_has_no_calls_and_a_notice_beside_its_choices()
    {
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, Document));
        var (agent, key) = await ShadowAsync();
        using var edgeResponse = await fixture.ChatAsync(key);
        var json = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!;

        Assert.Equal("""{"role":"assistant","content":"Let me see."}""", json["choices"]![0]!["message"]!.ToJsonString());
        Assert.Equal("stop", (string?)json["choices"]![0]!["finish_reason"]);
        var notice = json["cencori"]!;
        var ids = notice["pending_action_ids"]!.AsArray().Select(id => (string)id!).ToList();
        Assert.Equal(("shadow_approval_required", agent, $"/v1/agent/actions/poll?ids={string.Join(',', ids)}"), ((string?)notice["type"], (string?)notice["agent_id"], (string?)notice["poll_url"]));
        Assert.Equal($$"""[{"id":"{{ids[0]}}","call_id":"call_1","tool":"delete","arguments":"{\u0022id\u0022:1}"},{"id":"{{ids[1]}}","call_id":"call_2","tool":"search","arguments":"{}"}]""", notice["pending_actions"]!.ToJsonString());
    }

    [Fact]
    public async Task A_stream_has_no_calls_for_any_chunk_size_and_one_event_with_a_notice()
    {
        var (_, key) = await ShadowAsync();
        foreach (var size in (int[])[1, 7, 100_000])
        {
            fixture.Provider.Enqueue((_, response) => response.SseAsync(Chunks, split: bytes => bytes.Chunk(size)));
            using var edgeResponse = await fixture.ChatAsync(key, ScriptedEdge.StreamedChat);
            var events = (await edgeResponse.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal([$"data: {Chunks[0]}", $"data: {Chunks[1]}"], events[..2]);
            var reported = JsonNode.Parse(events[2]["data: ".Length..])!;
            Assert.Equal("[]", reported["choices"]!.ToJsonString());
            Assert.Equal(("delete", "{\"id\":1}"), ((string?)reported["cencori"]!["pending_actions"]![0]!["tool"], (string?)reported["cencori"]!["pending_actions"]![0]!["arguments"]));
            Assert.Equal("stop", (string?)JsonNode.Parse(events[3]["data: ".Length..])!["choices"]![0]!["finish_reason"]);
            Assert.Equal("data: [DONE]", events[4]);
            Assert.Equal(5, events.Length);
        }
    }

    [Fact]
    public async Task Items_of_calls_are_removed_from_responses_and_later_items_renumbered()
    {
        var (_, key) = await ShadowAsync();
        const string Call = """{"type":"function_call","id":"fc_1","call_id":"call_1","name":"delete","arguments":"{\"id\":1}"}""";
        const string Message = """{"type":"message","id":"msg_1","role":"assistant","content":[]}""";
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, $$"""{"id":"resp_1","object":"response","status":"completed","output":[{{Call}},{{Message}}]}"""));
        using (var edgeResponse = await _edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"x"}"""))
        {
            var json = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!;
            Assert.Equal($"[{Message}]", json["output"]!.ToJsonString());
            Assert.Equal("call_1", (string?)json["cencori"]!["pending_actions"]![0]!["call_id"]);
        }

        fixture.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Connection", "close"));
            foreach (var (type, rest) in ((string, string)[])[
                ("response.created", """ "response":{"id":"resp_1","status":"in_progress","output":[]}"""),
                ("response.output_item.added", $$""" "output_index":0,"item":{"type":"function_call","call_id":"call_1","name":"delete","arguments":""}"""),
                ("response.function_call_arguments.delta", """ "output_index":0,"delta":"{}" """),
                ("response.output_item.done", $$""" "output_index":0,"item":{{Call}}"""),
                ("response.output_item.added", $$""" "output_index":1,"item":{{Message}}"""),
                ("response.completed", $$""" "response":{"id":"resp_1","status":"completed","output":[{{Call}},{{Message}}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2} }"""),
            ])
            {
                await response.SendAsync($"event: {type}\ndata: {{\"type\":\"{type}\",\"sequence_number\":7,{rest}}}\n\n");
            }

            await response.CloseAsync();
        });
        using var streamed = await _edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"x","stream":true}""");
        var events = (await streamed.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(text => JsonNode.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..])!).ToList();
        Assert.Equal(["response.created", "response.output_item.added", "response.completed"], events.Select(one => (string)one["type"]!));
        Assert.Equal((0, 4), ((int)events[1]["output_index"]!, (int)events[1]["sequence_number"]!));
        Assert.Equal($"[{Message}]", events[2]["response"]!["output"]!.ToJsonString());
        Assert.Equal("delete", (string?)events[2]["response"]!["cencori"]!["pending_actions"]![0]!["tool"]);
        Assert.Single(events[2]["response"]!["cencori"]!["pending_action_ids"]!.AsArray());
    }

    [Fact]
    public async Task Blocks_of_calls_are_removed_from_Anthropics_messages()
    {
        var (_, key) = await ShadowAsync();
        const string Body = """{"model":"gpt-4o","max_tokens":9,"messages":[]}""";
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"type":"message","content":[{"type":"tool_use","id":"tu_1","name":"delete","input":{"id":1}},{"type":"text","text":"a"}],"stop_reason":"tool_use"}"""));
        using (var edgeResponse = await _edge.PostAsync(key, "/v1/messages", Body))
        {
            var json = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!;
            Assert.Equal(("""[{"type":"text","text":"a"}]""", "end_turn", """{"id":1}"""),
                (json["content"]!.ToJsonString(), (string?)json["stop_reason"], (string?)json["cencori"]!["pending_actions"]![0]!["arguments"]));
        }

        fixture.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Connection", "close"));
            foreach (var data in (string[])[
                """{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"tu_1","name":"delete","input":{}}}""",
                """{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"id\":1}"}}""",
                """{"type":"content_block_stop","index":0}""",
                """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}""",
                """{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":1}}""",
                """{"type":"message_stop"}""",
            ])
            {
                await response.SendAsync($"event: {(string)JsonNode.Parse(data)!["type"]!}\ndata: {data}\n\n");
            }

            await response.CloseAsync();
        });
        using var streamed = await _edge.PostAsync(key, "/v1/messages", Body.Replace("\"max_tokens\":9", "\"max_tokens\":9,\"stream\":true", StringComparison.Ordinal));
        var events = (await streamed.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("""event: content_block_start""" + "\n" + """data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""", events[0]);
        var end = JsonNode.Parse(events[1][events[1].IndexOf('{', StringComparison.Ordinal)..])!;
        Assert.Equal(("end_turn", """{"id":1}"""), ((string?)end["delta"]!["stop_reason"], (string?)end["cencori"]!["pending_actions"]![0]!["arguments"]));
        Assert.Equal(3, events.Length);
    }

    [Fact]
    public async Task A_response_without_calls_passes_byte_for_byte()
    {
        var (_, key) = await ShadowAsync();
        const string Odd = """{ "choices" : [ {"message":{"content":"h\u0069"},"finish_reason":"stop"} ], "x":1e2 }""";
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, Odd));
        using var edgeResponse = await fixture.ChatAsync(key);
        Assert.Equal(Odd, await edgeResponse.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/api/ai/chat")]
    public async Task An_incomplete_call_of_a_broken_stream_does_not_wait(string path)
    {
        var (agent, key) = await ShadowAsync();
        fixture.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync(string.Concat(Chunks[..4].Select(chunk => $"data: {chunk}\n\n")));
            await response.CloseAsync();
        });
        using var edgeResponse = await _edge.PostAsync(key, path, """{"model":"gpt-4o","messages":[],"stream":true}""");
        var text = await edgeResponse.Content.ReadAsStringAsync();

        Assert.Contains("broke off its response", text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("shadow_approval_required", text, StringComparison.Ordinal);
        Assert.Empty((await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{fixture.ProjectId}/agents/{agent}/actions"))["data"]!.AsArray());
    }

    [Fact]
    public async Task A_call_is_decided_once_and_the_poll_shows_it()
    {
        var (agent, key) = await ShadowAsync();
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, Document));
        using var edgeResponse = await fixture.ChatAsync(key);
        var ids = JsonNode.Parse(await edgeResponse.Content.ReadAsStringAsync())!["cencori"]!["pending_action_ids"]!.AsArray().Select(id => (string)id!).ToList();
        var actions = $"/api/projects/{fixture.ProjectId}/agents/{agent}/actions";

        var pending = (await _edge.SendAdminAsync(HttpMethod.Get, actions + "?status=pending"))["data"]!.AsArray();
        Assert.Equal(ids.Order(), pending.Select(action => (string)action!["id"]!).Order());
        Assert.Equal(["delete", "search"], pending.Select(action => (string)action!["tool"]!).Order());
        Assert.Equal($$$"""{"actions":{"{{{ids[0]}}}":{"status":"pending","approved_at":null,"tool":"delete"}},"all_resolved":false,"any_rejected":false,"retry_after_ms":2000}""", await PollAsync(key, ids[0]));

        var approved = await _edge.SendAdminAsync(HttpMethod.Post, $"{actions}/{ids[0]}/approve", new { decided_by = "Ada" });
        Assert.Equal(("approved", "Ada"), ((string?)approved["status"], (string?)approved["decided_by"]));
        foreach (var decision in (string[])["approve", "reject"])
        {
            using var again = await _edge.Admin.PostAsync($"{actions}/{ids[0]}/{decision}", null);
            Assert.Equal((409, "CONFLICT"), ((int)again.StatusCode, (await again.ErrorAsync()).Code));
        }

        var one = JsonNode.Parse(await PollAsync(fixture.Key, ids[0]))!;
        Assert.Equal(("approved", true, false), ((string?)one["actions"]![ids[0]]!["status"], (bool)one["all_resolved"]!, (bool)one["any_rejected"]!));
        Assert.Equal((DateTimeOffset)approved["decided_at"]!, (DateTimeOffset)one["actions"]![ids[0]]!["approved_at"]!);
        await _edge.SendAdminAsync(HttpMethod.Post, $"{actions}/{ids[1]}/reject");
        var both = JsonNode.Parse(await PollAsync(key, $"{ids[0]},%20{ids[1]}"))!;
        Assert.Equal((2, true, true, false), (both["actions"]!.AsObject().Count, (bool)both["all_resolved"]!, (bool)both["any_rejected"]!, both.AsObject().ContainsKey("retry_after_ms")));

        // Other keys see no actions, and unknown actions count as not resolved.
        foreach (var stranger in (string[])[await _edge.CreateAgentKeyAsync(fixture.ProjectId), await _edge.CreateKeyAsync(await _edge.CreateProjectAsync())])
        {
            Assert.Equal("""{"actions":{},"all_resolved":false,"any_rejected":false}""", await PollAsync(stranger, ids[0]));
            Assert.Equal("""{"actions":{},"all_resolved":false,"any_rejected":false}""", await PollAsync(stranger, "act_nobody"));
        }

        using var none = await _edge.SendAsync(key, HttpMethod.Get, "/v1/agent/actions/poll?ids=");
        Assert.Equal(("ids", 400), ((await none.ErrorAsync()).Param, (int)none.StatusCode));
    }

    [Fact]
    public async Task An_agent_in_shadow_mode_cannot_use_background_responses()
    {
        var (_, key) = await ShadowAsync();
        using var response = await _edge.PostAsync(key, "/v1/responses", """{"model":"gpt-4o","input":"x","background":true}""");
        Assert.Equal((400, "background"), ((int)response.StatusCode, (await response.ErrorAsync()).Param));
    }

    private async Task<(string AgentId, string Key)> ShadowAsync()
    {
        var agent = await _edge.CreateAgentAsync(fixture.ProjectId, isShadow: true);
        return (agent, await _edge.CreateKeyAsync(fixture.ProjectId, "agent", more: new { agent_id = agent }));
    }

    private async Task<string> PollAsync(string key, string ids)
    {
        using var response = await _edge.SendAsync(key, HttpMethod.Get, $"/v1/agent/actions/poll?ids={ids}");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }
}
