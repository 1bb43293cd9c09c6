#pragma warning disable OPENAI001 // The SDK marks its responses API as experimental.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using OpenAI.Chat;
using OpenAI.Responses;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The official SDKs with an agent key, also in shadow mode, with only the base URL and the key changed.</summary>
public sealed class AgentSdkTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private static readonly string[] Tools = ["get_weather"];

    private const string Call = """[{"index":0,"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{}"}}]""";
    private const string Response = """{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"gpt-4o","output":[{"type":"function_call","id":"fc_1","status":"completed","call_id":"call_1","name":"get_weather","arguments":"{}"},{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]}],"parallel_tool_calls":true,"tool_choice":"auto","tools":[],"usage":{"input_tokens":1,"input_tokens_details":{"cached_tokens":0},"output_tokens":1,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":2}}""";

    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "Weather of a city", BinaryData.FromString("""{"type":"object","properties":{}}"""));

    private static readonly string[] Chunks =
    [
        """{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}""",
        $$"""{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"tool_calls":{{Call}}},"finish_reason":null}]}""",
        """{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
        """{"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""",
    ];

    [Fact]
    public async Task The_NET_SDK_runs_as_the_agent()
    {
        at.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o-mini", "hi", 3, 1)));
        var key = await at.Edge.CreateAgentKeyAsync(at.ProjectId, new { model = "gpt-4o-mini", system_prompt = "Be brief.", tools = Tools });
        ChatCompletion completion = await at.Edge.OpenAI(key).GetChatClient("any").CompleteChatAsync([new SystemChatMessage("Be long."), new UserChatMessage("hi")], new() { Tools = { Weather } });
        Assert.Equal("hi", completion.Content[0].Text);
        var sent = at.Provider.Requests[^1].BodyText;
        Assert.Contains("Be brief.", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("Be long.", sent, StringComparison.Ordinal);

        var other = ChatTool.CreateFunctionTool("delete_all");
        var refusal = await Assert.ThrowsAsync<ClientResultException>(() => at.Edge.OpenAI(key).GetChatClient("any").CompleteChatAsync([new UserChatMessage("hi")], new() { Tools = { other } }));
        Assert.Equal(403, refusal.Status);
        Assert.Contains("delete_all", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_NET_SDK_sees_no_tool_call_that_waits_for_approval()
    {
        var key = await at.Edge.CreateAgentKeyAsync(at.ProjectId, isShadow: true);
        var client = at.Edge.OpenAI(key);
        at.Provider.Enqueue((_, response) => response.JsonAsync(200,
            $$"""{"id":"c","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":{{Call}} },"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2} }"""));
        ChatCompletion whole = await client.GetChatClient("gpt-4o").CompleteChatAsync([new UserChatMessage("hi")], new() { Tools = { Weather } });
        Assert.Equal((ChatFinishReason.Stop, 0), (whole.FinishReason, whole.ToolCalls.Count));

        at.Provider.Enqueue((_, response) => response.SseAsync(Chunks));
        var (text, calls, usage) = (new StringBuilder(), 0, 0);
        await foreach (var update in client.GetChatClient("gpt-4o").CompleteChatStreamingAsync([new UserChatMessage("hi")], new() { Tools = { Weather } }))
        {
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            calls += update.ToolCallUpdates.Count;
            usage += update.Usage?.TotalTokenCount ?? 0;
        }

        Assert.Equal(("Hi", 0, 2), (text.ToString(), calls, usage));

        at.Provider.Enqueue((_, response) => response.JsonAsync(200, Response));
        var responses = new ResponsesClient(new ApiKeyCredential(key), new ResponsesClientOptions { Endpoint = new Uri(at.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });
        ResponseResult reported = await responses.CreateResponseAsync("gpt-4o", "hi");
        Assert.Equal("Hi", reported.GetOutputText());
        Assert.IsAssignableFrom<MessageResponseItem>(Assert.Single(reported.OutputItems));
    }

    [NodeFact(NodeScript.Directory, "openai")]
    public async Task The_JavaScript_SDK_sees_no_tool_call_that_waits_for_approval()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((request, response) => request.Target.Contains("responses", StringComparison.Ordinal) ? response.JsonAsync(200, Response) : response.SseAsync(Chunks));
        await using var edge = await RunningEdge.StartAsync(provider);
        var report = await NodeScript.RunAsync<Case>("agents.mjs", new()
        {
            ["BASE_URL"] = new Uri(edge.Address, "/v1").AbsoluteUri,
            ["API_KEY"] = await edge.CreateAgentKeyAsync(await edge.CreateProjectAsync("openai"), isShadow: true),
        });
        Assert.All(report, one => Assert.True(one.Failure is null, $"{one.Name}: {one.Failure}"));
        Assert.Equal(2, report.Count);
    }

    private sealed record Case(string Name, string? Failure);
}
