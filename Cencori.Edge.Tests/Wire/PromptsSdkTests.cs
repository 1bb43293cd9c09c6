using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using OpenAI;
using OpenAI.Chat;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The official SDKs with a prompt in their default headers, and otherwise only the base URL and the key changed.</summary>
public sealed class PromptsSdkTests(PromptsSdkTests.Speaking at) : IClassFixture<PromptsSdkTests.Speaking>
{
    private const string Rendered = "You help Ada \"the first\" é🎈 3 times.";

    private sealed record Case(string Name, string? Failure);

    [NodeFact(NodeScript.Directory, "@anthropic-ai/sdk")]
    public async Task The_official_JavaScript_SDKs_use_the_prompt()
    {
        var (project, key) = await at.CreateAsync(new { });
        await at.Edge.CreatePromptAsync(project, "guide", "You help {{name}} {{n}} times.");
        var before = at.Provider.Requests.Count;

        var report = await NodeScript.RunAsync<Case>("prompts.mjs", new() { ["BASE_URL"] = at.Edge.Address.AbsoluteUri, ["API_KEY"] = key });

        Assert.All(report, one => Assert.True(one.Failure is null, $"{one.Name}: {one.Failure}"));
        Assert.Equal(5, report.Count);
        var sent = at.Provider.Requests.Skip(before).Where(request => request.Method == "POST").ToList();
        Assert.Equal(4, sent.Count);
        Assert.All(sent, request => Assert.Equal(Rendered, SystemOf(JsonNode.Parse(request.BodyText)!)));
        Assert.All(sent, request => Assert.DoesNotContain("Mine.", request.BodyText, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_official_NET_SDK_uses_the_prompt()
    {
        var (project, key) = await at.CreateAsync(new { });
        await at.Edge.CreatePromptAsync(project, "guide", "You help {{name}} {{n}} times.");
        var options = new OpenAIClientOptions { Endpoint = new Uri(at.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };
        options.AddPolicy(new WithHeaders(PromptScene.Headers("guide", new { name = "Ada \"the first\" é🎈", n = 3 })), PipelinePosition.PerCall);
        var client = new OpenAIClient(new ApiKeyCredential(key), options);
        var before = at.Provider.Requests.Count;

        ChatCompletion completion = await client.GetChatClient("gpt-4o").CompleteChatAsync(new SystemChatMessage("Mine."), new UserChatMessage("Hello!"));
        var streamed = "";
        await foreach (var update in client.GetChatClient("gpt-4o").CompleteChatStreamingAsync(new SystemChatMessage("Mine."), new UserChatMessage("Hello!")))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
        }

        Assert.Equal(("hi", "hi there"), (completion.Content[0].Text, streamed));
        Assert.All(at.Provider.Requests.Skip(before), request => Assert.Equal(Rendered, SystemOf(JsonNode.Parse(request.BodyText)!)));
        var misfit = await Assert.ThrowsAsync<ClientResultException>(() => client.GetEmbeddingClient("text-embedding-3-small").GenerateEmbeddingAsync("x"));
        Assert.Equal(400, misfit.Status);
        Assert.Contains("does not support prompts", misfit.Message, StringComparison.Ordinal);
    }

    private static string? SystemOf(JsonNode body) => (string?)(body["instructions"] ?? body["system"] ?? body["messages"]![0]!["content"]);

    /// <summary>An edge whose provider responds to each operation in that operation's format.</summary>
    public sealed class Speaking : RespondingEdge
    {
        public override void RespondToChats() => Provider.Respond((request, response) =>
            request.Target.StartsWith("/v1/responses", StringComparison.Ordinal) ? response.JsonAsync(200, """{"id":"resp_1","object":"response","status":"completed","model":"gpt-4o","output":[]}""")
            : request.Target.StartsWith("/v1/messages", StringComparison.Ordinal) ? response.JsonAsync(200, """{"id":"msg_1","type":"message","role":"assistant","model":"gpt-4o","content":[],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":1}}""")
            : request.BodyText.Contains("\"stream\":true", StringComparison.Ordinal) ? response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi", " there"], (3, 2)))
            : response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
    }

    private sealed class WithHeaders((string Name, string Value)[] headers) : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Add(message);
            ProcessNext(message, pipeline, currentIndex);
        }

        public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Add(message);
            await ProcessNextAsync(message, pipeline, currentIndex);
        }

        private void Add(PipelineMessage message)
        {
            foreach (var (name, value) in headers)
            {
                message.Request.Headers.Set(name, value);
            }
        }
    }
}
