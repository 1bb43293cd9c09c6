using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Metering;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using OpenAI;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>The usage that the edge asks a provider for, what the caller sees of it, and what is billed.</summary>
public sealed class UsageTests(MeteredEdge scene) : IClassFixture<MeteredEdge>
{
    private const string Asked = """{"include_usage":true}""";

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[]}""", """{"stream_options":{"include_usage":true},"model":"gpt-4o","stream":true,"messages":[]}""")]
    [InlineData("/v1/completions", """{ "model":"gpt-4o","stream":true,"prompt":"x" }""", """{"stream_options":{"include_usage":true}, "model":"gpt-4o","stream":true,"prompt":"x" }""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":null}""", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{"include_usage":true}}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{ }}""", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{"include_usage":true }}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{"include_obfuscation":false}}""", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{"include_usage":true,"include_obfuscation":false}}""")]
    [InlineData("/v1/chat/completions", """{"stream_options":{"x":{"include_usage":false},"include_usage": false},"model":"gpt-4o","stream":true,"messages":[]}""", """{"stream_options":{"x":{"include_usage":false},"include_usage": true},"model":"gpt-4o","stream":true,"messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{"include_usage":null}}""", """{"model":"gpt-4o","stream":true,"messages":[],"stream_options":{"include_usage":true}}""")]
    public async Task The_edge_adds_include_usage_to_a_stream_without_it_and_hides_the_usage_event(string path, string body, string sent) // field trap 11
    {
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi"], (7, 1))));

        using var edgeResponse = await scene.Edge.PostAsync(scene.Key, path, body);
        var text = await edgeResponse.Content.ReadAsStringAsync();

        Assert.Equal(sent, (await scene.Provider.NextRequestAsync()).BodyText);
        Assert.DoesNotContain("\"choices\":[]", text, StringComparison.Ordinal);
        Assert.Contains("\"hi\"", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Theory] // field trap 11
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[],"stream":false,"stream_options":null}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[],"stream":true,"stream_options":{"include_usage":true}}""")]
    [InlineData("/v1/responses", """{"model":"gpt-4o","input":"x","stream":true}""")]
    [InlineData("/v1/messages", """{"model":"gpt-4o","messages":[],"stream":true}""")]
    [InlineData("/v1/chat/completions", """{"model":"mistral/mistral-small-latest","messages":[],"stream":true}""", "mistral-small-latest")]
    public async Task Other_requests_do_not_get_include_usage(string path, string body, string? model = null)
    {
        await scene.Edge.StoreProviderKeyAsync(scene.ProjectId, "mistral");
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi"], (7, 1))));

        using var edgeResponse = await scene.Edge.PostAsync(scene.Key, path, body);
        var text = await edgeResponse.Content.ReadAsStringAsync();

        Assert.Equal(model is null ? body : body.Replace("mistral/mistral", "mistral", StringComparison.Ordinal), (await scene.Provider.NextRequestAsync()).BodyText);
        Assert.Contains("\"choices\":[]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_with_an_alias_gets_include_usage_too()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = "gpt-4o-mini" } });
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o-mini", ["hi"], (7, 1))));

        using var edgeResponse = await scene.Edge.PostAsync(await scene.Edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.ChatOf("fast").Replace("}]}", """}],"stream":true,"stream_options":{}}""", StringComparison.Ordinal));
        Assert.DoesNotContain("\"choices\":[]", await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var sent = JsonNode.Parse((await scene.Provider.NextRequestAsync()).BodyText)!;
        Assert.Equal(("gpt-4o-mini", Asked), ((string?)sent["model"], sent["stream_options"]!.ToJsonString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_official_SDK_streams_with_and_without_usage(bool asks)
    {
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["Grüße", " 🙂"], (7, 2)), newline: "\r\n", split: bytes => bytes.Chunk(5)));
        var options = new OpenAIClientOptions { Endpoint = new Uri(scene.Edge.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) };
        if (!asks)
        {
            options.AddPolicy(new WithoutStreamOptions(), PipelinePosition.PerCall);
        }

        var client = new OpenAIClient(new ApiKeyCredential(scene.Key), options).GetChatClient("gpt-4o");
        var (text, usages) = ("", 0);
        await foreach (var update in client.CompleteChatStreamingAsync("Hello!"))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usages += update.Usage is null ? 0 : 1;
        }

        Assert.Contains(Asked, (await scene.Provider.NextRequestAsync()).BodyText, StringComparison.Ordinal);
        Assert.Equal(("Grüße 🙂", asks ? 1 : 0), (text, usages));
    }

    [Fact]
    public async Task A_stream_costs_its_real_usage_of_the_token_limit() // field trap 3
    {
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = 10_000 });
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi"], (2_000, 3_000))));
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));

        using var first = await scene.ChatAsync(key, ScriptedEdge.StreamedChat);
        using var second = await scene.ChatAsync(key);
        await scene.Provider.NextRequestAsync();
        await scene.Provider.NextRequestAsync();

        // 167 tokens refill per second, and the test may have taken a few seconds.
        Assert.InRange(int.Parse(second.Header("x-ratelimit-remaining-tokens")!, CultureInfo.InvariantCulture), 3_900, 8_000);
    }

    [Fact]
    public async Task A_providers_error_releases_the_whole_reservation()
    {
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = 1_000 });
        scene.Provider.Enqueue((_, response) => response.JsonAsync(401, """{"error":{"message":"no"}}"""));
        scene.Provider.Enqueue((_, response) => response.JsonAsync(400, """{"error":{"message":"no"}}"""));
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        var large = """{"model":"gpt-4o","max_tokens":950,"messages":[]}""";

        foreach (var status in (int[])[502, 400, 200])
        {
            using var edgeResponse = await scene.ChatAsync(key, large);
            await scene.Provider.NextRequestAsync();
            Assert.Equal(status, (int)edgeResponse.StatusCode);
        }
    }

    [Fact] // field traps 10 and 12
    public async Task An_error_event_in_a_stream_is_noticed_and_passed_on()
    {
        const string Error = """{"error":{"message":"The provider stumbled in the middle of its answer.","type":"server_error"}}""";
        scene.Provider.Enqueue((_, response) => response.SseAsync([.. ScriptedProvider.ChatChunks("gpt-4o", ["one", " two"]).Take(3), Error]));

        using var edgeResponse = await scene.ChatAsync(body: ScriptedEdge.StreamedChat, headers: ("X-Request-Id", "error-within"));
        await scene.Provider.NextRequestAsync();

        Assert.Contains(Error, await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var (usage, hasError) = await scene.MeteredAsync("error-within");
        Assert.True(hasError);
        Assert.Equal(new TokenUsage(usage.PromptTokens, 0, 2, IsEstimated: true), usage);
    }

    [Fact]
    public async Task A_read_of_a_stored_response_is_not_metered()
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"object":"response","usage":{"input_tokens":5,"output_tokens":5,"total_tokens":10}}"""));
        var before = scene.Count;

        using var edgeResponse = await scene.Edge.SendAsync(scene.Key, HttpMethod.Get, "/v1/responses/resp_1", null, ("X-Request-Id", "a-look"), ("X-Cencori-Provider", "openai"));
        await edgeResponse.Content.ReadAsStringAsync();
        await scene.Provider.NextRequestAsync();

        Assert.Equal(200, (int)edgeResponse.StatusCode);
        Assert.Equal(before, scene.Count);
    }

    /// <summary>The official SDK always asks for usage. This policy removes that option, to test a client that does not ask for usage.</summary>
    private sealed class WithoutStreamOptions : PipelinePolicy
    {
        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) => throw new NotSupportedException();

        public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            using var body = new MemoryStream();
            await message.Request.Content!.WriteToAsync(body);
            var json = JsonNode.Parse(body.ToArray())!.AsObject();
            Assert.True(json.Remove("stream_options"));
            message.Request.Content = BinaryContent.Create(BinaryData.FromString(json.ToJsonString()));
            await ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
