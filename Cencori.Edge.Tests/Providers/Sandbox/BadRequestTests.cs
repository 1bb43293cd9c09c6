using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Cencori.Edge.Providers.Sandbox;
using CsCheck;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class BadRequestTests : IDisposable
{
    private static readonly string[] Paths = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/moderations"];

    private readonly SandboxCalls _calls = new();

    public static TheoryData<string> Endpoints => [.. Paths];

    public void Dispose() => _calls.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"model":""}""")]
    [InlineData("""{"model":3}""")]
    [InlineData("""{"model":"echo"}""")]
    [InlineData("""{"model":"echo","messages":[]}""")]
    [InlineData("""{"model":"echo","messages":["hi"]}""")]
    [InlineData("""{"model":"echo","messages":[{"content":"hi"}]}""")]
    [InlineData("""{"model":"echo","messages":[{"role":"user","content":"\ud800"}]}""")]
    public async Task An_invalid_chat_body_is_rejected(string body)
    {
        var error = await _calls.PostRefusedAsync("/v1/chat/completions", body);

        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task A_chat_body_that_is_not_UTF8_is_rejected()
    {
        using var invoker = new HttpMessageInvoker(new SandboxHandler(TimeProvider.System));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://sandbox.invalid/v1/chat/completions")
        {
            Content = new ByteArrayContent([.. "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\""u8, 0xC3, 0x28, .. "\"}]}"u8]),
        };

        using var response = await invoker.SendAsync(request, CancellationToken.None);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A_request_without_a_body_is_rejected(string path)
    {
        using var response = await _calls.SendAsync(HttpMethod.Post, path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions")]
    [InlineData("POST", "/v1/models")]
    [InlineData("POST", "/v1/videos")]
    [InlineData("POST", "/chat/completions")]
    [InlineData("DELETE", "/v1/models/echo")]
    [InlineData("GET", "/")]
    public async Task An_unknown_path_is_not_found(string method, string path)
    {
        using var response = await _calls.SendAsync(new HttpMethod(method), path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        Assert.Contains(path, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task The_error_429_model_sends_Retry_After(string path)
    {
        using var response = await _calls.PostAsync(path, """{"model":"sandbox/error-429"}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(new RetryConditionHeaderValue(TimeSpan.FromSeconds(1)), response.Headers.RetryAfter);
    }

    [Fact]
    public void Any_JSON_in_any_field_is_accepted_or_rejected()
    {
        var value = Gen.OneOfConst(
            "null", "true", "-1", "1", "1e999", "\"\"", "\"echo\"", "\"json_object\"", "[]", "{}", "[null]", "[1.5]", "[[]]", "[\"a\",{}]",
            "{\"type\":\"json_schema\"}", "{\"type\":\"function\",\"function\":null}", "{\"format\":{\"type\":\"json_schema\",\"schema\":[]}}",
            "[{\"role\":\"user\",\"content\":[null,{\"text\":1},\"x\"]}]", "[{\"role\":\"tool\"}]", "[{\"type\":\"function\",\"name\":\"f\",\"parameters\":7}]",
            "[{\"type\":\"function_call_output\",\"output\":{}}]", "\"\\ud800\"");
        var name = Gen.OneOfConst(
            "messages", "input", "prompt", "stream", "n", "stop", "tools", "tool_choice", "response_format", "text", "max_tokens",
            "stream_options", "dimensions", "encoding_format", "instructions", "model");
        var path = Gen.OneOfConst(Paths);

        Gen.Select(path, Gen.Select(name, value).Array[0, 6]).Sample((path, fields) =>
        {
            var body = $$"""{"model":"echo"{{string.Concat(fields.Select(field => $",\"{field.Item1}\":{field.Item2}"))}}}""";
            using var response = _calls.PostAsync(path, body).GetAwaiter().GetResult();
            var text = response.Content.ReadAsStringAsync().GetAwaiter().GetResult();
            return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest && text.Length > 0;
        }, iter: 3000);
    }
}
