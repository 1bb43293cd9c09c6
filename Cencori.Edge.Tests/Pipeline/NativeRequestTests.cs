using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Requests to the native endpoints. Each maps to an OpenAI endpoint below <c>/v1</c>.</summary>
public sealed class NativeRequestTests(NativeRequestTests.WithDefault scene) : IClassFixture<NativeRequestTests.WithDefault>
{
    private const string Form = "--b\r\nContent-Disposition: form-data; name=\"response_format\"\r\n\r\njson\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\n\r\nsound\r\n--b--\r\n";
    private const string Asking = """{"messages":[]}""";

    private static readonly string[] OneModel = ["gpt-4o"];

    [Theory]
    [InlineData("chat", """{"model":"gpt-4o","messages":[],"maxTokens":5,"userId":"u","top_p":0.5}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[],"max_tokens":5,"user":"u","top_p":0.5}""")]
    [InlineData("Chat/", """{"model":"openai/gpt-4o","messages":[{"role":"tool","tool_call_id":"c","content":"1"}],"max_tokens":5}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"tool","tool_call_id":"c","content":"1"}],"max_tokens":5}""")]
    [InlineData("chat", """{"messages":[],"toolChoice":"auto","responseFormat":{"maxTokens":1},"frequencyPenalty":1,"presencePenalty":2}""", "/v1/chat/completions", """{"model":"gpt-4.1","messages":[],"tool_choice":"auto","response_format":{"maxTokens":1},"frequency_penalty":1,"presence_penalty":2}""")]
    [InlineData("chat", """{"messages":[],"model":null,"stream":false}""", "/v1/chat/completions", """{"messages":[],"model":"gpt-4.1","stream":false}""")]
    [InlineData("completions", """{"prompt":"x","maxTokens":5}""", "/v1/completions", """{"model":"gpt-4.1","prompt":"x","max_tokens":5}""")]
    [InlineData("embeddings", """{"model":"text-embedding-3-small","input":["a"],"dimensions":2,"encodingFormat":"float"}""", "/v1/embeddings", """{"model":"text-embedding-3-small","input":["a"],"dimensions":2,"encoding_format":"float"}""")]
    [InlineData("embeddings", """{"input":"a","encoding_format":"base64"}""", "/v1/embeddings", """{"model":"gpt-4.1","input":"a","encoding_format":"base64"}""")]
    [InlineData("images/generate", """{"model":"gpt-image-1","prompt":"a cat","n":1,"size":"1024x1024","quality":"hd","style":"vivid","responseFormat":"url"}""", "/v1/images/generations", """{"model":"gpt-image-1","prompt":"a cat","n":1,"size":"1024x1024","quality":"hd","style":"vivid","response_format":"url"}""")]
    [InlineData("images/generate", """{"prompt":"a cat"}""", "/v1/images/generations", """{"model":"dall-e-3","prompt":"a cat"}""")]
    [InlineData("moderation", """{"input":"x"}""", "/v1/moderations", """{"model":"omni-moderation-latest","input":"x"}""")]
    [InlineData("audio/speech", """{"input":"x","voice":"alloy","responseFormat":"wav"}""", "/v1/audio/speech", """{"model":"tts-1","input":"x","voice":"alloy","response_format":"wav"}""")]
    public async Task The_provider_gets_its_own_path_and_OpenAIs_field_names(string path, string body, string sentTo, string sent)
    {
        using var response = await scene.Edge.PostAsync(null, $"/api/ai/{path}", body, ("CENCORI_API_KEY", scene.Key));

        Assert.Equal(200, (int)response.StatusCode);
        var received = scene.Provider.Requests[^1];
        Assert.Equal((sentTo, sent), (received.Target, received.BodyText));
        Assert.Equal([$"Bearer {RunningEdge.ProviderKey}"], received.Values("Authorization"));
        Assert.Empty(received.Values("CENCORI_API_KEY"));
        Assert.Equal("openai", response.Header("X-Provider"));
    }

    [Theory]
    [InlineData(Form, "whisper-1")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nopenai/gpt-4o-transcribe\r\n" + Form, "gpt-4o-transcribe")]
    public async Task A_form_passes_and_gets_a_default_model(string form, string model)
    {
        using var response = await scene.Edge.SendAsync(scene.Key, HttpMethod.Post, "/api/ai/audio/transcriptions", Content(form));

        Assert.Equal(200, (int)response.StatusCode);
        var received = scene.Provider.Requests[^1];
        Assert.Equal(("/v1/audio/transcriptions", $"--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n{Form}"), (received.Target, received.BodyText));
        Assert.Equal("openai", response.Header("X-Provider"));
    }

    [Theory]
    [InlineData("chat", """{"messages":[],"maxTokens":1,"max_tokens":1}""", "maxTokens")]
    [InlineData("chat", """{"messages":[],"user":"u","userId":"u"}""", "userId")]
    [InlineData("embeddings", """{"input":"x","encoding_format":"float","encodingFormat":"float"}""", "encodingFormat")]
    [InlineData("images/generate", """{"prompt":"x","responseFormat":"url","response_format":"url"}""", "responseFormat")]
    [InlineData("chat", """{"maxTokens":1}""", "messages")]
    [InlineData("chat", """{"messages":[],"model":7}""", "model")]
    [InlineData("chat", """{"messages":[],"stream":"yes"}""", "stream")]
    [InlineData("chat", "[]", null)]
    [InlineData("chat", "", null)]
    public async Task A_contradictory_or_invalid_field_gives_a_flat_400_that_names_it(string path, string body, string? param)
    {
        var error = await scene.Edge.PostAsync(scene.Key, $"/api/ai/{path}", body).FlatErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", param), (error.Status, error.Code, error.Param));
    }

    [Theory]
    [InlineData("chat", Asking)]
    [InlineData("chat", """{"messages":[],"model":null}""")]
    [InlineData("completions", """{"prompt":"x"}""")]
    [InlineData("embeddings", """{"input":"x"}""")]
    public async Task A_request_without_a_model_and_a_default_gives_400_that_explains_how_to_set_one(string path, string body)
    {
        var key = await scene.Edge.CreateOpenAIKeyAsync();
        var error = await scene.Edge.PostAsync(key, $"/api/ai/{path}", body).FlatErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", "model"), (error.Status, error.Code, error.Param));
        Assert.Contains("default_model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_default_model_may_be_an_alias_and_must_be_allowed_for_the_key()
    {
        var limited = await scene.Edge.CreateKeyAsync(scene.ProjectId, more: new { allowed_models = OneModel });
        var error = await scene.Edge.PostAsync(limited, "/api/ai/chat", Asking).FlatErrorAsync();

        var other = await scene.Edge.CreateProjectAsync("openai");
        await scene.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{other}", new { default_model = "fast", model_aliases = new { fast = "gpt-4o-mini" } });
        using var response = await scene.Edge.PostAsync(await scene.Edge.CreateKeyAsync(other), "/api/ai/chat", Asking);

        Assert.Equal((403, "model_not_allowed"), (error.Status, error.Reason));
        Assert.Equal("""{"model":"gpt-4o-mini","messages":[]}""", scene.Provider.Requests[^1].BodyText);
    }

    [Theory]
    [InlineData("chat", "text/plain")]
    [InlineData("images/generate", "text/plain")]
    [InlineData("moderation", "application/x-www-form-urlencoded")]
    [InlineData("audio/speech", "application/octet-stream")]
    [InlineData("audio/transcriptions", "audio/mpeg")]
    public async Task A_body_of_another_type_gives_a_flat_415(string path, string type)
    {
        var error = await scene.Edge.SendAsync(scene.Key, HttpMethod.Post, $"/api/ai/{path}", Content("{}", type)).FlatErrorAsync();

        Assert.Equal((415, "UNSUPPORTED_MEDIA_TYPE"), (error.Status, error.Code));
    }

    [Fact]
    public async Task Records_name_the_native_endpoint()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var key = await scene.Edge.CreateKeyAsync(project);
        foreach (var path in (string[])["chat", "embeddings", "moderation"])
        {
            using var response = await scene.Edge.PostAsync(key, $"/api/ai/{path}", """{"model":"gpt-4o","messages":[],"input":"x"}""");
            await response.Content.ReadAsStringAsync();
        }

        System.Text.Json.Nodes.JsonArray logs = [];
        await Eventually.IsTrueAsync(async () => (logs = (await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/logs"))["requests"]!.AsArray()).Count == 3);
        Assert.Equal(["POST /api/ai/moderation", "POST /api/ai/embeddings", "POST /api/ai/chat"], logs.Select(log => (string?)log!["endpoint"]));
        Assert.All(logs, log => Assert.Equal(("gpt-4o", 3, 1), ((string?)log!["model_asked"], (int)log["prompt_tokens"]!, (int)log["completion_tokens"]!)));
    }

    [Fact]
    public async Task Native_requests_and_requests_below_v1_share_one_bucket()
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 1, burst = 2, tokens_per_minute = 10_000 });
        using var first = await scene.Edge.PostAsync(key, "/api/ai/chat", """{"model":"gpt-4o","messages":[],"maxTokens":100}""");
        using var second = await scene.Edge.PostAsync(key, "/v1/chat/completions", """{"model":"gpt-4o","messages":[],"max_tokens":100}""");
        var third = await scene.Edge.PostAsync(key, "/api/ai/embeddings", """{"model":"gpt-4o","input":"x"}""").FlatErrorAsync();

        Assert.Equal((200, 200), ((int)first.StatusCode, (int)second.StatusCode));
        Assert.Equal(("1", "0"), (first.Header("X-RateLimit-Remaining"), second.Header("X-RateLimit-Remaining")));
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded"), (third.Status, third.Code, third.Title));
        Assert.NotNull(third.Header("retry-after-ms"));
    }

    [Fact]
    public async Task A_token_limit_in_the_native_spelling_is_reserved()
    {
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = 1_000 });
        var error = await scene.Edge.PostAsync(key, "/api/ai/chat", """{"model":"gpt-4o","messages":[],"maxTokens":1001}""").FlatErrorAsync();

        Assert.Equal("tokens", error.Param);
    }

    private static ByteArrayContent Content(string body, string type = "multipart/form-data; boundary=b")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    public sealed class WithDefault : RespondingEdge
    {
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{ProjectId}", new { default_model = "gpt-4.1" });
        }
    }
}
