#pragma warning disable OPENAI001 // The SDK marks its responses API as experimental.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using OpenAI.Responses;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The official SDKs at <c>/v1/responses</c>, with a provider that supports all of it. The requirements for JavaScript are in <c>JavaScript/responses.mjs</c>.</summary>
public sealed class ResponsesSdkTests(ResponsesSdkTests.ResponsesEdge at) : IClassFixture<ResponsesSdkTests.ResponsesEdge>
{
    // All event types that the official JavaScript SDK defines, except error, for which it throws.
    private static readonly string[] Types = Array.ConvertAll(
    [
        "created", "queued", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.annotation.added", "output_text.done", "refusal.delta", "refusal.done",
        "content_part.done", "reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done", "reasoning_text.delta", "reasoning_text.done",
        "function_call_arguments.delta", "function_call_arguments.done", "custom_tool_call_input.delta", "custom_tool_call_input.done", "audio.delta", "audio.done", "audio.transcript.delta", "audio.transcript.done",
        "code_interpreter_call.in_progress", "code_interpreter_call.interpreting", "code_interpreter_call_code.delta", "code_interpreter_call_code.done", "code_interpreter_call.completed",
        "file_search_call.in_progress", "file_search_call.searching", "file_search_call.completed", "web_search_call.in_progress", "web_search_call.searching", "web_search_call.completed",
        "image_generation_call.in_progress", "image_generation_call.generating", "image_generation_call.partial_image", "image_generation_call.completed",
        "mcp_call.in_progress", "mcp_call_arguments.delta", "mcp_call_arguments.done", "mcp_call.completed", "mcp_call.failed", "mcp_list_tools.in_progress", "mcp_list_tools.completed", "mcp_list_tools.failed",
        "output_item.done", "completed",
    ], (string type) => "response." + type);

    [NodeFact(NodeScript.Directory, "openai")]
    public async Task The_official_JavaScript_SDK_reads_every_event_type()
    {
        var project = await at.Edge.CreateProjectAsync("openai");
        var report = await NodeScript.RunAsync<Case>("responses.mjs", new()
        {
            ["BASE_URL"] = new Uri(at.Edge.Address, "/v1").AbsoluteUri,
            ["API_KEY"] = await at.Edge.CreateKeyAsync(project),
            ["TYPES"] = JsonSerializer.Serialize(Types),
        });

        Assert.All(report, one => Assert.True(one.Failure is null, $"{one.Name}: {one.Failure}"));
        Assert.Equal(5, report.Count);

        JsonArray rows = [];
        await Eventually.IsTrueAsync(async () => (rows = (await at.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray()).Count == 13);
        var created = rows.Where(row => (string?)row!["endpoint"] == "POST /v1/responses").Reverse().Select(row => ((string?)row!["outcome"], (int?)row["prompt_tokens"], (int?)row["completion_tokens"])).ToList();
        Assert.Equal([("success", 3, 43), ("success", 3, 43), ("error", 3, 0)], created.Take(3));
        Assert.Equal(["error", "error", "success"], created.Skip(3).Select(row => row.Item1));
    }

    [Fact]
    public async Task The_official_NET_SDK_reads_the_event_types_that_it_knows()
    {
        var client = new ResponsesClient(new ApiKeyCredential(at.Key), new ResponsesClientOptions { Endpoint = new Uri(at.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
        ResponseResult created = await client.CreateResponseAsync("gpt-4o", "stored");
        Assert.Equal(created.Id, (await client.GetResponseAsync(created.Id)).Value.Id);
        Assert.Equal(ResponseStatus.Cancelled, (await client.CancelResponseAsync(created.Id)).Value.Status);
        Assert.True((await client.DeleteResponseAsync(created.Id)).Value.Deleted);

        var updates = 0;
        await foreach (var _ in await client.CreateResponseStreamingAsync("gpt-4o", "every type"))
        {
            updates++;
        }

        Assert.True(updates > 20);
    }

    private sealed record Case(string Name, string? Failure);

    /// <summary>An edge whose provider supports the responses API. The provider chooses the response by the request.</summary>
    public sealed class ResponsesEdge : ScriptedEdge
    {
        public ResponsesEdge() => Provider.Respond((request, response) => (request.Method, request.Target.Split('?')[0]) switch
        {
            ("POST", "/v1/responses/input_tokens") => response.JsonAsync(200, """{"object":"response.input_tokens","input_tokens":7}"""),
            ("POST", "/v1/responses") when request.BodyText.Contains("\"stream\":true", StringComparison.Ordinal) => StreamAsync(response, request.BodyText),
            ("POST", "/v1/responses") => response.JsonAsync(200, Response("queued")),
            ("POST", _) => response.JsonAsync(200, Response("cancelled")),
            ("DELETE", _) => response.JsonAsync(200, """{"id":"resp_1","object":"response","deleted":true}"""),
            (_, "/v1/responses/resp_gone") => response.JsonAsync(404, """{"error":{"message":"gone","type":"invalid_request_error","param":null,"code":null}}"""),
            (_, "/v1/responses/resp_1/input_items") => response.JsonAsync(200, """{"object":"list","data":[{"id":"msg_1","type":"message","role":"user","content":[]}],"first_id":"msg_1","last_id":"msg_1","has_more":false}"""),
            _ when request.Target.Contains("stream=true", StringComparison.Ordinal) => SendAsync(response, [Event("response.completed", 1)]),
            _ => response.JsonAsync(200, Response("cancelled")),
        });

        private static string Response(string status, string more = "") =>
            $$"""{"id":"resp_1","object":"response","created_at":1,"status":"{{status}}","model":"gpt-4o","output":[],"parallel_tool_calls":true,"tools":[],"tool_choice":"auto","metadata":{},"usage":{{(status is "completed" or "incomplete" ? """{"input_tokens":3,"input_tokens_details":{"cached_tokens":0},"output_tokens":43,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":46}""" : status == "failed" ? """{"input_tokens":3,"output_tokens":0,"total_tokens":3}""" : "null")}}{{more}}}""";

        // Creates an event that has the required members of all event types at once, and no optional members.
        private static string Event(string type, int number, string more = "") => $$"""{"type":"{{type}}","sequence_number":{{number}},"item_id":"i","output_index":0,"content_index":0,"summary_index":0,"annotation_index":0,"partial_image_index":0,"partial_image_b64":"AA==","delta":"x","text":"x","refusal":"x","arguments":"{}","input":"x","code":"x","name":"f","transcript":"x","item":{"type":"message","id":"i","role":"assistant","status":"completed","content":[]},"part":{"type":"output_text","text":"","annotations":[]},"annotation":{"type":"url_citation","url":"https://example.com","title":"t","start_index":0,"end_index":1},"logprobs":[],"response":{{Response(type switch { "response.completed" => "completed", "response.incomplete" => "incomplete", "response.failed" => "failed", _ => "in_progress" }, more)}}}""";

        private static Task StreamAsync(ScriptedResponse response, string requested) =>
            requested.Contains("every type", StringComparison.Ordinal) ? SendAsync(response, Types.Select((type, at) => Event(type, at)))
            : requested.Contains("incomplete", StringComparison.Ordinal) ? SendAsync(response, [Event("response.created", 0), Event("response.incomplete", 1, ""","incomplete_details":{"reason":"max_output_tokens"}""")])
            : requested.Contains("failed", StringComparison.Ordinal) ? SendAsync(response, [Event("response.created", 0), Event("response.failed", 1, ""","error":{"code":"server_error","message":"no"}""")])
            : requested.Contains("error event", StringComparison.Ordinal) ? SendAsync(response, [Event("response.created", 0), """{"type":"error","sequence_number":1,"code":"server_error","message":"no","param":null}"""])
            : SendAsync(response, [Event("response.created", 0), Event("response.output_text.delta", 1)]);

        private static async Task SendAsync(ScriptedResponse response, IEnumerable<string> events)
        {
            await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
            foreach (var data in events)
            {
                await response.SendChunkAsync($"event: {JsonNode.Parse(data)!["type"]}\ndata: {data}\n\n");
            }

            await response.EndChunksAsync();
        }
    }
}
