using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Wire;

/// <summary>Every native endpoint on a fresh edge: a test key, and only the sandbox as a provider.</summary>
public sealed class NativeSandboxTests(NativeSandboxTests.Bare scene) : IClassFixture<NativeSandboxTests.Bare>
{
    private const string Asking = "\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]";
    private const string Tool = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"save\",\"parameters\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":[\"name\"]}}}]";

    [Fact]
    public async Task A_chat_gets_a_response()
    {
        var response = await JsonAsync("chat", $$"""{"model":"gpt-4o",{{Asking}},"maxTokens":50,"userId":"u"}""");

        Assert.Contains("Hello!", (string?)response["content"], StringComparison.Ordinal);
        Assert.Equal(("sandbox", "stop"), ((string?)response["provider"], (string?)response["finish_reason"]));
        Assert.True((int)response["usage"]!["total_tokens"]! > 0);
    }

    [Fact]
    public async Task A_forced_function_is_called()
    {
        var response = await JsonAsync("chat", $$"""{"model":"gpt-4o",{{Asking}},{{Tool}},"toolChoice":{"type":"function","function":{"name":"save"} } }""");
        var call = Assert.Single(response["toolCalls"]!.AsArray())!;

        Assert.Equal("save", (string?)call["function"]!["name"]);
        Assert.NotNull(JsonNode.Parse((string)call["function"]!["arguments"]!)!["name"]);
    }

    [Fact]
    public async Task A_chat_is_streamed()
    {
        using var response = await scene.Edge.PostAsync(null, "/api/ai/chat", $$"""{"model":"gpt-4o",{{Asking}},"stream":true}""", ("CENCORI_API_KEY", scene.Key));
        var lines = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("data: [DONE]", lines[^1]);
        var events = lines[..^1].Select(line => JsonNode.Parse(line["data: ".Length..])!).ToList();
        Assert.Contains("Hello!", string.Concat(events.Select(one => (string?)one["delta"])), StringComparison.Ordinal);
        Assert.True((int)events[^1]["usage"]!["total_tokens"]! > 0);
    }

    [Fact]
    public async Task Texts_are_completed_embedded_and_moderated()
    {
        var completion = await JsonAsync("completions", """{"model":"gpt-3.5-turbo-instruct","prompt":"Once","maxTokens":5}""");
        var embeddings = await JsonAsync("embeddings", """{"model":"text-embedding-3-small","input":["a","b"],"dimensions":8,"encodingFormat":"float"}""");
        var moderation = await JsonAsync("moderation", """{"input":"Hello!"}""");

        Assert.NotNull(completion["choices"]![0]!["text"]);
        Assert.Equal((2, 8), (embeddings["data"]!.AsArray().Count, embeddings["data"]![0]!["embedding"]!.AsArray().Count));
        Assert.Equal("text-embedding-3-small", (string?)embeddings["model"]);
        Assert.True((int)embeddings["usage"]!["total_tokens"]! > 0);
        Assert.False((bool)moderation["results"]![0]!["flagged"]!);
    }

    [Theory]
    [InlineData("b64_json")]
    [InlineData("url")]
    public async Task An_image_is_generated(string format)
    {
        var response = await JsonAsync("images/generate", $$"""{"prompt":"a cat","responseFormat":"{{format}}"}""");
        var image = Assert.Single(response["images"]!.AsArray())!;
        var encoded = format == "url" ? ((string)image["url"]!).Split(',')[1] : (string)image["b64_json"]!;

        Assert.Equal([0x89, 0x50, 0x4E, 0x47], Convert.FromBase64String(encoded)[..4]);
        Assert.Equal(("dall-e-3", "sandbox"), ((string?)response["model"], (string?)response["provider"]));
    }

    [Theory]
    [InlineData("", "audio/mpeg")]
    [InlineData(",\"responseFormat\":\"wav\"", "audio/wav")]
    [InlineData(",\"response_format\":\"pcm\"", "audio/pcm")]
    public async Task A_text_becomes_speech(string fields, string type)
    {
        using var response = await scene.Edge.PostAsync(scene.Key, "/api/ai/audio/speech", $$"""{"input":"Hello!"{{fields}}}""");

        Assert.Equal((200, type, "sandbox"), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), response.Header("X-Provider")));
        Assert.NotEmpty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_format_that_the_sandbox_does_not_support_gives_a_flat_400()
    {
        var error = await scene.Edge.PostAsync(scene.Key, "/api/ai/audio/speech", """{"input":"Hello!","response_format":"opus"}""").FlatErrorAsync();

        Assert.Equal(400, error.Status);
        Assert.Contains("mp3, wav and pcm", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("json", "{\"text\":\"")]
    [InlineData("verbose_json", "{\"task\":\"transcribe\"")]
    [InlineData("text", "Hello")]
    [InlineData("srt", "1\n00:00:00,000 --> ")]
    [InlineData("vtt", "WEBVTT\n\n")]
    public async Task Audio_is_transcribed(string format, string begin)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[100_000]), "file", "a.mp3" }, { new StringContent(format), "response_format" } };
        using var response = await scene.Edge.SendAsync(scene.Key, HttpMethod.Post, "/api/ai/audio/transcriptions", form);

        Assert.Equal((200, "sandbox"), ((int)response.StatusCode, response.Header("X-Provider")));
        Assert.StartsWith(begin, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<JsonNode> JsonAsync(string path, string body)
    {
        using var response = await scene.Edge.PostAsync(scene.Key, $"/api/ai/{path}", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == 200, text);
        return JsonNode.Parse(text)!;
    }

    public sealed class Bare : IAsyncLifetime
    {
        public RunningEdge Edge { get; private set; } = null!;

        public string Key { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Edge = await RunningEdge.StartAsync();
            Key = await Edge.CreateKeyAsync(await Edge.CreateProjectAsync(), environment: "test");
        }

        public async Task DisposeAsync() => await Edge.DisposeAsync();
    }
}
