using System.ClientModel;
using System.ClientModel.Primitives;
using Cencori.Edge.Tests.Infrastructure.Edges;
using OpenAI;
using OpenAI.Chat;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The exceptions of the official .NET SDK for errors of the edge: they have the status, and in their message the edge's code and message.</summary>
public sealed class OpenAISdkErrorTests(OpenAISdkErrorTests.Fixture at) : IClassFixture<OpenAISdkErrorTests.Fixture>
{
    private const int LargestBody = 4_096;

    [Fact]
    public async Task A_wrong_field_gives_400() =>
        AssertError(await FailAsync(at.Key, options: new ChatCompletionOptions { MaxOutputTokenCount = -1 }), 400, "INVALID_REQUEST", "max_completion_tokens");

    [Fact]
    public async Task A_provider_without_a_credential_gives_400() => AssertError(await FailAsync(at.Key, "grok-4"), 400, "PROVIDER_NOT_CONFIGURED", "xai");

    [Fact]
    public async Task An_unknown_key_gives_401() => AssertError(await FailAsync("csk_" + new string('0', 48)), 401, "INVALID_API_KEY", "API key");

    [Fact]
    public async Task A_model_outside_the_keys_list_gives_403()
    {
        var key = await at.Edge.CreateKeyAsync(at.ProjectId, more: new { allowed_models = Array.Empty<string>() });

        AssertError(await FailAsync(key), 403, "INSUFFICIENT_PERMISSIONS", "model");
    }

    [Fact]
    public async Task An_unknown_model_gives_404() => AssertError(await FailAsync(at.Key, "no-such-model"), 404, "MODEL_NOT_FOUND", "no-such-model");

    [Fact]
    public async Task A_base_URL_without_v1_gives_404_with_a_hint() =>
        AssertError(await Assert.ThrowsAsync<ClientResultException>(() => at.Edge.OpenAI(at.Key, "/").GetChatClient("gpt-4o").CompleteChatAsync("hi")), 404, "NOT_FOUND", "/v1");

    [Fact]
    public async Task A_prompt_that_is_too_large_gives_413() => AssertError(await FailAsync(at.Key, prompt: new string('x', LargestBody)), 413, "REQUEST_TOO_LARGE", "4096");

    [Fact]
    public async Task A_reached_limit_gives_429()
    {
        var project = await at.Edge.CreateProjectAsync("openai");
        await at.Edge.SetLimitsAsync(project, new { requests_per_minute = 1, burst = 1 });
        var key = await at.Edge.CreateKeyAsync(project);
        await at.Edge.OpenAI(key).GetOpenAIModelClient().GetModelsAsync();

        AssertError(await FailAsync(key), 429, "RATE_LIMIT_EXCEEDED", "1 request");
    }

    [Theory]
    [InlineData(401, 502, "PROVIDER_AUTH_FAILED")]
    [InlineData(302, 502, "PROVIDER_ERROR")]
    public async Task A_providers_unusable_response_gives_502(int status, int seen, string code)
    {
        at.Provider.Enqueue((_, response) => response.SendHeadAsync(status, ("Content-Length", "0")));

        AssertError(await FailAsync(at.Key), seen, code, "openai");
    }

    [Fact]
    public async Task An_unreachable_provider_gives_503()
    {
        var project = await at.Edge.CreateProjectAsync("ollama");

        AssertError(await FailAsync(await at.Edge.CreateKeyAsync(project), "ollama/any"), 503, "PROVIDER_UNAVAILABLE", "ollama");
    }

    [Fact]
    public async Task A_silent_provider_gives_504()
    {
        var project = await at.Edge.CreateProjectAsync("groq");
        at.Provider.Enqueue((_, response) => response.WaitForAbortAsync());

        AssertError(await FailAsync(await at.Edge.CreateKeyAsync(project), "groq/any"), 504, "PROVIDER_TIMEOUT", "groq");
    }

    [Fact]
    public async Task A_providers_own_error_keeps_its_message()
    {
        at.Provider.Enqueue((_, response) => response.JsonAsync(400, """{"error":{"message":"Too hot.","type":"invalid_request_error","param":"temperature","code":"too_hot"}}"""));

        AssertError(await FailAsync(at.Key), 400, "too_hot", "Too hot.");
    }

    // This SDK reads only an event's choices. The error event has "choices": null, which the SDK cannot read.
    [Fact] // field trap 12
    public async Task A_broken_stream_throws_after_the_events_before_the_break()
    {
        var chat = at.Edge.OpenAI(at.Edge.Welcome.TestKey!).GetChatClient("sandbox/error-stream");
        var updates = new List<StreamingChatCompletionUpdate>();

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var update in chat.CompleteChatStreamingAsync("one two three four five six seven eight nine ten eleven twelve"))
            {
                updates.Add(update);
            }
        });

        Assert.Contains(updates, update => update.ContentUpdate.Count > 0);
        Assert.All(updates, update => Assert.Null(update.FinishReason));
    }

    // The SDK retries 408, 429, 500, 502, 503 and 504 three times, and may ignore x-should-retry. So the edge must give a final
    // error another status, or at least say so in that header.
    [Theory]
    [InlineData("csk_000000000000000000000000000000000000000000000000", "gpt-4o", 401)]
    [InlineData(null, "no-such-model", 404)]
    [InlineData(null, "grok-4", 400)]
    public async Task A_retrying_SDK_sends_a_request_with_a_final_error_once(string? key, string model, int status)
    {
        var counter = new RequestCounter();
        var client = Repeating(key ?? at.Key, counter);

        var error = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient(model).CompleteChatAsync("hi"));

        Assert.Equal(status, error.Status);
        Assert.Equal(1, counter.Requests);
        Assert.True(error.GetRawResponse()!.Headers.TryGetValue("x-should-retry", out var retry));
        Assert.Equal("false", retry);
    }

    [Fact] // this SDK ignores the header and sends four times; others obey it
    public async Task A_rejected_credential_gives_x_should_retry_false()
    {
        at.Provider.Respond((_, response) => response.JsonAsync(401, "{}"));

        var error = await Assert.ThrowsAsync<ClientResultException>(() => Repeating(at.Key, new RequestCounter()).GetChatClient("gpt-4o").CompleteChatAsync("hi"));

        Assert.Equal(502, error.Status);
        Assert.True(error.GetRawResponse()!.Headers.TryGetValue("x-should-retry", out var retry));
        Assert.Equal("false", retry);
    }

    private static void AssertError(ClientResultException error, int status, string code, string inMessage)
    {
        Assert.Equal(status, error.Status);
        Assert.Contains(code, error.Message, StringComparison.Ordinal);
        Assert.Contains(inMessage, error.Message, StringComparison.Ordinal);
    }

    private OpenAIClient Repeating(string key, RequestCounter counter)
    {
        var options = new OpenAIClientOptions { Endpoint = new Uri(at.Edge.Address, "/v1") };
        options.AddPolicy(counter, PipelinePosition.PerTry);
        return new OpenAIClient(new ApiKeyCredential(key), options);
    }

    private Task<ClientResultException> FailAsync(string key, string model = "gpt-4o", string prompt = "hi", ChatCompletionOptions? options = null) =>
        Assert.ThrowsAsync<ClientResultException>(() => at.Edge.OpenAI(key).GetChatClient(model).CompleteChatAsync([new UserChatMessage(prompt)], options));

    public sealed class Fixture : ScriptedEdge
    {
        protected override IEnumerable<string> Settings =>
        [
            $"Limits:MaxRequestBodyBytes={LargestBody}",
            RunningEdge.Destination("groq", Provider.Address),
            "ReverseProxy:Clusters:groq:HttpRequest:ActivityTimeout=00:00:01",
            RunningEdge.Destination("ollama", new Uri("http://no-such-host.invalid")),
        ];
    }

    private sealed class RequestCounter : PipelinePolicy
    {
        public int Requests { get; private set; }

        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            throw new NotSupportedException();

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
        {
            Requests++;
            return ProcessNextAsync(message, pipeline, currentIndex);
        }
    }
}
