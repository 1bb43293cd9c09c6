using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Keys;

public sealed class CorsTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>
{
    private const string Page = "https://app.example.com";

    private static readonly string[] Domains = ["*.example.com"];
    private static readonly string[] OneModel = ["gpt-4o"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData("/v1/chat/completions", "https://app.example.com")]
    [InlineData("/api/v1/chat/completions", "https://anywhere.at.all")]
    [InlineData("/api/ai/chat", "http://localhost:3000")]
    [InlineData("/v1/models", "null")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "https://app.example.com")]
    [InlineData("/openai/v1/chat/completions", "https://app.example.com")]
    [InlineData("/v1/messages", "https://app.example.com")]
    [InlineData("/v1/responses", "https://app.example.com")]
    [InlineData("/v1/nothing", "https://app.example.com")]
    [InlineData("/v1/health", "https://app.example.com")]
    [InlineData("/chat/completions", "https://app.example.com")]
    public async Task A_preflight_is_answered_for_any_origin(string path, string origin)
    {
        using var response = await _edge.SendAsync(null, HttpMethod.Options, path, null,
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,x-stainless-lang, X-Stainless-Retry-Count,x-evil,x-stainless-evil()"));

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(origin, Single(response, "Access-Control-Allow-Origin"));
        Assert.Equal("86400", Single(response, "Access-Control-Max-Age"));
        Assert.Equal("GET, POST, PATCH, DELETE, OPTIONS", Single(response, "Access-Control-Allow-Methods"));
        Assert.Contains("Origin", response.Headers.Vary);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.True(response.Headers.Contains("X-Request-Id"));
        var allowed = Single(response, "Access-Control-Allow-Headers").Split(", ", StringSplitOptions.None).Select(name => name.ToLowerInvariant()).ToList();
        string[] requested =
        [
            "authorization", "cencori_api_key", "content-type", "x-request-id", "x-agent-id", "x-skip-cache", "x-cencori-app", "x-cencori-user-ip",
            "x-cencori-user-country", "x-cencori-prompt", "x-cencori-prompt-vars", "x-stainless-lang", "x-stainless-retry-count",
            "x-api-key", "api-key", "x-goog-api-key", "anthropic-version", "anthropic-dangerous-direct-browser-access", "openai-beta",
        ];
        Assert.Superset(requested.ToHashSet(), allowed.ToHashSet());
        Assert.DoesNotContain(allowed, name => name.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/api/projects", Page, 401)]
    [InlineData("/api/projects/p/api-keys", "http://localhost:3000", 401)]
    [InlineData("/v1/models", "https://app.example.com https://evil.org", 405)]
    public async Task A_preflight_for_the_administration_or_with_an_impossible_origin_is_not_answered(string path, string origin, int status)
    {
        using var response = await _edge.SendAsync(null, HttpMethod.Options, path, null, ("Origin", origin), ("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Headers", "authorization"));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("PUT", "x-evil", false)]
    [InlineData("nonsense", "", false)]
    [InlineData("POST", "authorization", true)]
    public async Task The_answer_to_a_preflight_lists_what_is_allowed_and_not_what_was_requested(string method, string headers, bool isPrivate)
    {
        using var response = await _edge.SendAsync(null, HttpMethod.Options, "/v1/models", null,
            [("Origin", Page), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers), .. isPrivate ? [("Access-Control-Request-Private-Network", "true")] : Array.Empty<(string, string)>()]);

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal("GET, POST, PATCH, DELETE, OPTIONS", Single(response, "Access-Control-Allow-Methods"));
        Assert.DoesNotContain("evil", Single(response, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        Assert.Equal(isPrivate ? ["true"] : [], response.Headers.TryGetValues("Access-Control-Allow-Private-Network", out var allowed) ? allowed : []);
        Assert.Equal(["Origin", "Access-Control-Request-Headers", "Access-Control-Request-Private-Network"], response.Headers.Vary);
    }

    [Theory]
    [InlineData("Access-Control-Request-Method", "POST")]
    [InlineData("Origin", Page)]
    public async Task A_request_without_one_of_the_two_headers_is_no_preflight(string name, string value)
    {
        using var response = await _edge.SendAsync(null, HttpMethod.Options, "/v1/models", null, (name, value));
        Assert.Equal(405, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_page_that_the_publishable_key_lists_may_read_a_response()
    {
        using var response = await _edge.SendAsync(await PublishableAsync(), HttpMethod.Get, "/v1/models", null, ("Origin", Page));
        Assert.Equal(200, (int)response.StatusCode);
        AssertReadable(response);
    }

    [Fact]
    public async Task That_page_may_also_read_an_error_after_authentication()
    {
        var key = await PublishableAsync();
        using var notFound = await _edge.PostAsync(key, "/v1/chat/completions", new { model = "no-such", messages = Domains }, ("Origin", Page));
        Assert.Equal(404, (int)notFound.StatusCode);
        AssertReadable(notFound);

        using var forbidden = await _edge.SendAsync(key, HttpMethod.Get, "/v1/files", null, ("Origin", Page));
        Assert.Equal(403, (int)forbidden.StatusCode);
        AssertReadable(forbidden);
    }

    [Fact]
    public async Task That_page_may_also_read_a_refusal_by_the_limiter()
    {
        var project = await _edge.CreateProjectAsync();
        await _edge.SetLimitsAsync(project, new { requests_per_minute = 1 });
        var key = await _edge.CreateKeyAsync(project, "publishable", "test", new { allowed_domains = Domains });
        using var first = await _edge.SendAsync(key, HttpMethod.Get, "/v1/models", null, ("Origin", Page));
        using var second = await _edge.SendAsync(key, HttpMethod.Get, "/v1/models", null, ("Origin", Page));

        Assert.Equal(429, (int)second.StatusCode);
        AssertReadable(second);
    }

    [Fact]
    public async Task That_page_may_also_read_a_stream()
    {
        fixture.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", OneModel)));
        using var edgeResponse = await _edge.PostAsync(
            await PublishableAsync(), "/v1/chat/completions", new { model = "gpt-4o", stream = true, messages = Array.Empty<object>() }, ("Origin", Page));
        await edgeResponse.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", edgeResponse.Content.Headers.ContentType?.MediaType);
        AssertReadable(edgeResponse);
    }

    /// <summary>Web pages can read error responses. Otherwise their developers would see only "Failed to fetch" for every mistake.</summary>
    [Theory]
    [InlineData("unknown", Page, "/v1/models", 401)]
    [InlineData(null, Page, "/v1/models", 401)]
    [InlineData("nonsense", "https://anywhere.at.all", "/api/v1/chat/completions", 401)]
    [InlineData("publishable", "https://evil.org", "/v1/models", 403)]
    [InlineData("publishable", "null", "/v1/models", 403)]
    [InlineData("secret", Page, "/v1/models/no-such", 404)]
    [InlineData(null, Page, "/nothing", 404)]
    [InlineData(null, Page, "/api/ai/nothing", 404)]
    [InlineData(null, Page, "/openai/deployments/gpt-4o/chat/completions", 401)]
    [InlineData(null, Page, "/v1/messages", 401)]
    [InlineData(null, Page, "/v1/agents", 401)]
    [InlineData("publishable", Page, "/v1/files", 403)]
    public async Task Any_page_may_read_an_error_of_the_edge(string? key, string origin, string path, int status)
    {
        using var response = await _edge.SendAsync(await KeyAsync(key), HttpMethod.Get, path, null, ("Origin", origin));

        Assert.Equal(status, (int)response.StatusCode);
        AssertReadable(response, origin);
        Assert.Equal("false", Single(response, "x-should-retry"));
    }

    [Theory]
    [InlineData("secret", "/v1/models", 200)]
    [InlineData(null, "/v1/health", 200)]
    [InlineData("secret", "/v1/files", 200)]
    [InlineData(null, "/api/projects", 401)]
    [InlineData("nonsense", "/api/projects/p/api-keys", 401)]
    [InlineData("provider refuses secret", "/v1/chat/completions", 400)]
    public async Task No_page_may_read_any_other_response(string? key, string path, int status)
    {
        if (status == 400)
        {
            fixture.Provider.Enqueue((_, response) => response.JsonAsync(400, "{}"));
        }

        using var edgeResponse = await _edge.SendAsync(
            await KeyAsync(key), status == 400 ? HttpMethod.Post : HttpMethod.Get, path, status == 400 ? RunningEdge.Json(new { model = "gpt-4o", messages = Domains }) : null, ("Origin", Page));

        Assert.Equal(status, (int)edgeResponse.StatusCode);
        Assert.DoesNotContain(edgeResponse.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Origin", edgeResponse.Headers.Vary);
    }

    [Fact]
    public async Task The_providers_own_CORS_headers_are_not_passed_on()
    {
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, "{}", ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true")));
        using var edgeResponse = await _edge.PostAsync(
            await PublishableAsync(), "/v1/chat/completions", new { model = "gpt-4o", messages = Array.Empty<object>() }, ("Origin", Page));

        AssertReadable(edgeResponse);
    }

    private Task<string> PublishableAsync() => _edge.CreateKeyAsync(fixture.ProjectId, "publishable", more: new { allowed_domains = Domains });

    private async Task<string?> KeyAsync(string? key) => key switch
    {
        "publishable" => await PublishableAsync(),
        "secret" or "provider refuses secret" => await _edge.CreateKeyAsync(fixture.ProjectId),
        "unknown" => "cpk_" + new string('0', 48),
        _ => key,
    };

    private static void AssertReadable(HttpResponseMessage response, string origin = Page)
    {
        Assert.Equal(origin, Single(response, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", response.Headers.Vary);
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
        var exposed = Single(response, "Access-Control-Expose-Headers").Split(", ").ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Superset(
            new HashSet<string>(
                ["X-Request-Id", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "x-ratelimit-limit-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "Server-Timing", "retry-after-ms", "x-should-retry", "openai-poll-after-ms", "X-Cencori-Limited-By"],
                StringComparer.OrdinalIgnoreCase),
            exposed);
    }

    private static string Single(HttpResponseMessage response, string name) => Assert.Single(response.Headers.GetValues(name));
}
