using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Requests that the edge itself rejects at the OpenAI endpoints. Nothing of them may reach the provider.</summary>
public sealed class ErrorsOfRequestsTests(ErrorsOfRequestsTests.Fixture at) : IClassFixture<ErrorsOfRequestsTests.Fixture>
{
    private const int LargestBody = 4_096;

    [Theory]
    [InlineData("chat/completions", "{not json", null)]
    [InlineData("chat/completions", "", null)]
    [InlineData("chat/completions", "[]", null)]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[]} trailing""", null)]
    [InlineData("chat/completions", """{"messages":[]}""", "model")]
    [InlineData("chat/completions", """{"model":null,"messages":[]}""", "model")]
    [InlineData("chat/completions", """{"model":7,"messages":[]}""", "model")]
    [InlineData("chat/completions", """{"model":"","messages":[]}""", "model")]
    [InlineData("chat/completions", """{"model":"gpt-4o"}""", "messages")]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":"hi"}""", "messages")]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[],"stream":"yes"}""", "stream")]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[],"stream":true,"stream_options":7}""", "stream_options")]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[],"max_tokens":"many"}""", "max_tokens")]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[],"max_completion_tokens":-1}""", "max_completion_tokens")]
    [InlineData("chat/completions", """{"model":"gpt-4o","messages":[],"n":0}""", "n")]
    [InlineData("completions", """{"prompt":"hi"}""", "model")]
    [InlineData("embeddings", """{"input":"hi"}""", "model")]
    [InlineData("responses", """{"model":"gpt-4o","max_output_tokens":1.5}""", "max_output_tokens")]
    public async Task An_invalid_body_gives_400_and_names_the_field(string path, string body, string? param)
    {
        foreach (var prefix in (string[])["/v1/", "/api/v1/"])
        {
            var error = await at.Edge.PostAsync(at.Key, prefix + path, body).NestedErrorAsync();

            Assert.Equal((400, "INVALID_REQUEST", "invalid_request_error", param), (error.Status, error.Code, error.Type, error.Param));
            Assert.Equal("false", error.Header("x-should-retry"));
        }

        Assert.Empty(at.Provider.Requests);
    }

    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/api/v1/chat/completions")]
    [InlineData("/v1/embeddings")]
    public async Task An_unknown_model_gives_404(string path)
    {
        var error = await at.Edge.PostAsync(at.Key, path, ScriptedEdge.ChatOf("no-such-model")).NestedErrorAsync();

        Assert.Equal((404, "MODEL_NOT_FOUND", "invalid_request_error", "model"), (error.Status, error.Code, error.Type, error.Param));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Fact]
    public async Task A_lookup_of_an_unknown_model_gives_404()
    {
        var error = await at.Edge.SendAsync(at.Key, HttpMethod.Get, "/v1/models/no-such-model").NestedErrorAsync();

        Assert.Equal((404, "MODEL_NOT_FOUND", "model"), (error.Status, error.Code, error.Param));
    }

    [Fact]
    public async Task A_provider_without_a_credential_of_the_project_gives_400()
    {
        var error = await at.Edge.PostAsync(at.Key, "/v1/chat/completions", ScriptedEdge.ChatOf("claude-sonnet-4-5")).NestedErrorAsync();

        Assert.Equal((400, "PROVIDER_NOT_CONFIGURED", "invalid_request_error"), (error.Status, error.Code, error.Type));
        Assert.Contains("anthropic", error.Message, StringComparison.Ordinal);
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Theory]
    [InlineData("/v1/chat/completions", false)]
    [InlineData("/v1/chat/completions", true)]
    [InlineData("/v1/audio/transcriptions", false)]
    [InlineData("/v1/files", false)]
    [InlineData("/v1/files", true)]
    public async Task A_body_over_the_limit_gives_413(string path, bool isChunked)
    {
        using HttpContent content = path.EndsWith("completions", StringComparison.Ordinal)
            ? RunningEdge.Json(new { model = "gpt-4o", messages = new[] { new { role = "user", content = new string('x', LargestBody) } } })
            : new MultipartFormDataContent { { new ByteArrayContent(new byte[LargestBody + 1]), "file", "a.wav" } };

        var error = await at.Edge.SendAsync(at.Key, HttpMethod.Post, path, content, isChunked ? [("Transfer-Encoding", "chunked")] : []).NestedErrorAsync();

        Assert.Equal((413, "REQUEST_TOO_LARGE", "invalid_request_error"), (error.Status, error.Code, error.Type));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")] // the default of curl -d
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=b")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_chat_body_without_the_JSON_type_gives_415(string? contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"model":"gpt-4o","messages":[]}"""));
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        var error = await at.Edge.SendAsync(at.Key, HttpMethod.Post, "/v1/chat/completions", content).NestedErrorAsync();

        Assert.Equal((415, "UNSUPPORTED_MEDIA_TYPE", "invalid_request_error"), (error.Status, error.Code, error.Type));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    public sealed class Fixture : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => [$"Limits:MaxRequestBodyBytes={LargestBody}"];
    }
}
