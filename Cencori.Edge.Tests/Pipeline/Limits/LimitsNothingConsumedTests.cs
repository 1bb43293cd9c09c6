using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Limits;

/// <summary>A request that is rejected for another reason than a limit takes nothing from any limit (field trap 5).</summary>
public class LimitsNothingConsumedTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private const string Chat = "/v1/chat/completions";

    private const string Good = """{"model":"gpt-4o","messages":[]}""";

    private static readonly string[] OneModel = ["gpt-4o-mini"];

    private static readonly string[] OneDomain = ["example.com"];

    [Theory]
    [InlineData(400, "INVALID_REQUEST", "POST", Chat, "{")]
    [InlineData(400, "INVALID_REQUEST", "POST", Chat, """{"messages":[]}""")]
    [InlineData(400, "INVALID_REQUEST", "POST", Chat, """{"model":"gpt-4o"}""")]
    [InlineData(400, "INVALID_REQUEST", "POST", Chat, "")]
    [InlineData(400, "PROVIDER_NOT_CONFIGURED", "POST", Chat, """{"model":"claude-sonnet-4-5","messages":[]}""")]
    [InlineData(404, "MODEL_NOT_FOUND", "POST", Chat, """{"model":"nobody-knows-me","messages":[]}""")]
    [InlineData(404, "MODEL_NOT_FOUND", "GET", "/v1/models/nobody-knows-me", null)]
    [InlineData(400, "PROVIDER_NOT_CONFIGURED", "GET", "/v1/models/claude-sonnet-4-5", null)]
    [InlineData(404, "NOT_FOUND", "GET", "/nowhere", null)]
    [InlineData(405, "METHOD_NOT_ALLOWED", "PUT", Chat, Good)]
    public async Task A_rejected_request_costs_nothing(int status, string code, string method, string path, string? body)
    {
        var (_, key) = await CreateOneRequestProjectAsync();

        using var refused = await scene.Edge.SendAsync(key, new HttpMethod(method), path, body is null ? null : RunningEdge.Json(body));

        await refused.ErrorAsync((HttpStatusCode)status, code);
        await AssertUntouchedAsync(key);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=b")]
    public async Task A_body_that_is_not_json_costs_nothing(string contentType)
    {
        var (_, key) = await CreateOneRequestProjectAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Good));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);

        using var refused = await scene.Edge.SendAsync(key, HttpMethod.Post, Chat, content);

        await refused.ErrorAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");
        await AssertUntouchedAsync(key);
    }

    [Theory]
    [InlineData(Chat, "application/json")]
    [InlineData("/v1/audio/transcriptions", "multipart/form-data; boundary=b")]
    [InlineData("/v1/files", "multipart/form-data; boundary=b")]
    [InlineData("/v1/uploads/u/parts", "application/octet-stream")]
    public async Task A_body_announced_as_too_large_costs_nothing_and_reaches_no_provider(string path, string contentType)
    {
        var (_, key) = await CreateOneRequestProjectAsync();
        var before = scene.Provider.Requests.Count;
        using var client = await RawClient.ConnectAsync(scene.Edge);

        await client.SendHeadAsync(key, path, contentType, $"Content-Length: {33 * 1024 * 1024}");
        var refused = await client.ReadResponseAsync();

        Assert.Equal((413, "REQUEST_TOO_LARGE"), (refused.Status, refused.ErrorCode));
        Assert.Equal(before, scene.Provider.Requests.Count);
        await AssertUntouchedAsync(key);
    }

    [Fact]
    public async Task A_request_without_permission_costs_nothing()
    {
        var (project, key) = await CreateOneRequestProjectAsync();
        var narrow = await scene.Edge.CreateKeyAsync(project, more: new { allowed_models = OneModel });
        var published = await scene.Edge.CreateKeyAsync(project, "publishable", more: new { allowed_domains = OneDomain });

        using var model = await scene.Edge.PostAsync(narrow, Chat, Good);
        using var origin = await scene.Edge.PostAsync(published, Chat, Good);
        using var type = await scene.Edge.SendAsync(published, HttpMethod.Get, "/v1/files", null, ("Origin", "https://example.com"));

        foreach (var refused in new[] { model, origin, type })
        {
            await refused.ErrorAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_PERMISSIONS");
        }

        await AssertUntouchedAsync(key);
    }

    [Fact]
    public async Task A_wrong_key_costs_nothing_and_sees_no_limits()
    {
        var (_, key) = await CreateOneRequestProjectAsync();

        using var refused = await scene.Edge.PostAsync(string.Concat(key.AsSpan(0, key.Length - 1), key[^1] == '0' ? "1" : "0"), Chat, Good);

        await refused.ErrorAsync(HttpStatusCode.Unauthorized, "INVALID_API_KEY");
        Assert.Null(refused.Header("X-RateLimit-Limit"));
        await AssertUntouchedAsync(key);
    }

    private Task<(string ProjectId, string Key)> CreateOneRequestProjectAsync() =>
        scene.CreateAsync(new { requests_per_minute = 60, burst = 1, tokens_per_minute = 100, concurrent_requests = 1 });

    private async Task AssertUntouchedAsync(string key)
    {
        using var response = await scene.PostChatAsync(key, tokens: 100);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
