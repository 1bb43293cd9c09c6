using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Errors below <c>/v1/messages</c>, in the format that Anthropic's clients read.</summary>
public sealed class ErrorsOfMessagesTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private const string Body = """{"model":"gpt-4o","max_tokens":10,"messages":[{"role":"user","content":"Hello!"}]}""";

    private static readonly string[] Domains = ["example.com"];

    [Theory]
    [InlineData("POST", "/v1/messages", 401, "authentication_error", "INVALID_API_KEY")]
    [InlineData("POST", "/api/v1/messages", 401, "authentication_error", "INVALID_API_KEY")]
    [InlineData("POST", "/v1/Messages/", 401, "authentication_error", "INVALID_API_KEY")]
    [InlineData("POST", "/v1/messages/count_tokens", 401, "authentication_error", "INVALID_API_KEY")]
    [InlineData("POST", "/v1/messages/batches", 401, "authentication_error", "INVALID_API_KEY")]
    [InlineData("GET", "/v1/messages/batches/b/results", 401, "authentication_error", "INVALID_API_KEY")]
    [InlineData("DELETE", "/v1/messages/batches/b", 401, "authentication_error", "INVALID_API_KEY")]
    public async Task A_request_without_a_key_gives_401(string method, string path, int status, string type, string code) =>
        await AssertAsync(at.Edge.SendAsync(null, new HttpMethod(method), path), status, type, code);

    [Theory]
    [InlineData("PURGE", "/v1/messages", 405, "invalid_request_error", "METHOD_NOT_ALLOWED")]
    public async Task An_unknown_method_gives_405(string method, string path, int status, string type, string code) =>
        await AssertAsync(at.Edge.SendAsync(at.Key, new HttpMethod(method), path), status, type, code);

    [Theory]
    [InlineData("""{"model":"no-such-model","messages":[]}""", 404, "not_found_error", "MODEL_NOT_FOUND", "model")]
    [InlineData("""{"model":"claude-haiku-4-5","messages":[]}""", 400, "invalid_request_error", "PROVIDER_NOT_CONFIGURED", null)]
    public async Task A_request_rejected_by_the_edge_has_Anthropics_shape(string body, int status, string type, string code, string? param)
    {
        var error = await AssertAsync(at.Edge.PostAsync(at.Key, "/v1/messages", body), status, type, code);

        Assert.Equal(param, (string?)error["param"]);
    }

    [Theory]
    [InlineData("/v1/messages", "application/x-www-form-urlencoded", Body, 415, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("/v1/messages", "application/json", """{"max_tokens":10,"messages":[{"role":"user","content":"Hello!"}]}""", 400, "INVALID_REQUEST")]
    [InlineData("/v1/messages", "application/json", "", 400, "INVALID_REQUEST")]
    [InlineData("/v1/messages/count_tokens", "text/plain", Body, 415, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("/v1/messages/count_tokens", "application/json", """{"messages":[]}""", 400, "INVALID_REQUEST")]
    public async Task A_message_without_JSON_or_model_goes_to_no_provider(string path, string type, string body, int status, string code)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, type);
        await AssertAsync(at.Edge.SendAsync(at.Key, HttpMethod.Post, path, content), status, "invalid_request_error", code);
    }

    [Fact]
    public async Task A_403_has_its_reason_and_a_429_its_param()
    {
        var publishable = await at.Edge.CreateKeyAsync(at.ProjectId, "publishable", more: new { allowed_domains = Domains });
        var error = await AssertAsync(at.Edge.PostAsync(publishable, "/v1/messages", Body), 403, "permission_error", "INSUFFICIENT_PERMISSIONS");
        Assert.NotNull(error["reason"]);

        var (_, key) = await at.CreateAsync(new { requests_per_minute = 1 });
        at.Provider.Enqueue((_, response) => response.JsonAsync(200, """{"type":"message","content":[]}"""));
        using var first = await at.Edge.PostAsync(key, "/v1/messages", Body);
        await at.Provider.NextRequestAsync();
        Assert.Equal(first.Header("X-Request-Id"), first.Header("request-id"));
        error = await AssertAsync(at.Edge.PostAsync(key, "/v1/messages", Body), 429, "rate_limit_error", "RATE_LIMIT_EXCEEDED");
        Assert.Equal("requests", (string?)error["param"]);
    }

    [Theory]
    [InlineData(401, 502, "api_error", "PROVIDER_AUTH_FAILED")]
    [InlineData(302, 502, "api_error", "PROVIDER_ERROR")]
    public async Task A_replaced_response_has_Anthropics_shape(int provider, int status, string type, string code)
    {
        at.Provider.Enqueue((_, response) => response.JsonAsync(provider, """{"error":"no"}"""));

        await AssertAsync(at.Edge.PostAsync(at.Key, "/v1/messages", Body), status, type, code);
        await at.Provider.NextRequestAsync();
    }

    [Fact]
    public async Task A_providers_own_error_passes_unchanged()
    {
        const string Own = """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_of_anthropic"}""";
        at.Provider.Enqueue((_, response) => response.JsonAsync(529, Own));
        using var edgeResponse = await at.Edge.PostAsync(at.Key, "/v1/messages", Body);
        await at.Provider.NextRequestAsync();

        Assert.Equal((529, Own), ((int)edgeResponse.StatusCode, await edgeResponse.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("/v1/messages2")]
    [InlineData("/v1/threads/t/messages")]
    [InlineData("/v1/chat/completions")]
    public async Task Errors_of_other_paths_have_OpenAIs_shape(string path)
    {
        var error = await at.Edge.PostAsync(null, path, Body).NestedErrorAsync();

        Assert.Equal(401, error.Status);
        Assert.Null(error.Header("request-id"));
    }

    private static async Task<JsonNode> AssertAsync(Task<HttpResponseMessage> sending, int status, string type, string code)
    {
        using var response = await sending;
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(["type", "error", "request_id"], body.AsObject().Select(member => member.Key));
        var error = body["error"]!;
        Assert.Equal((status, "error", type, code), ((int)response.StatusCode, (string?)body["type"], (string?)error["type"], (string?)error["code"]));
        Assert.False(string.IsNullOrEmpty((string?)error["message"]));
        Assert.Equal((string?)body["request_id"], response.Header("request-id"));
        Assert.Equal((string?)body["request_id"], response.Header("X-Request-Id"));
        return error;
    }
}
