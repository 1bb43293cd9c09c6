using Cencori.Edge.Tests.Infrastructure;

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
    public async Task A_preflight_is_answered_for_any_origin(string path, string origin)
    {
        using var answer = await _edge.SendAsync(null, HttpMethod.Options, path, null,
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "authorization,content-type,x-stainless-lang, X-Stainless-Retry-Count,x-evil"));

        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Equal(origin, Single(answer, "Access-Control-Allow-Origin"));
        Assert.Equal("86400", Single(answer, "Access-Control-Max-Age"));
        Assert.Equal("GET, POST, PATCH, DELETE, OPTIONS", Single(answer, "Access-Control-Allow-Methods"));
        Assert.Contains("Origin", answer.Headers.Vary);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.True(answer.Headers.Contains("X-Request-Id"));
        var allowed = Single(answer, "Access-Control-Allow-Headers").Split(", ", StringSplitOptions.None).Select(name => name.ToLowerInvariant()).ToList();
        string[] wanted =
        [
            "authorization", "cencori_api_key", "content-type", "x-request-id", "x-agent-id", "x-skip-cache", "x-cencori-app", "x-cencori-user-ip",
            "x-cencori-user-country", "x-cencori-prompt", "x-cencori-prompt-vars", "x-stainless-lang", "x-stainless-retry-count",
        ];
        Assert.Superset(wanted.ToHashSet(), allowed.ToHashSet());
        Assert.DoesNotContain("x-evil", allowed);
    }

    [Fact]
    public async Task An_answer_may_be_read_by_a_page_that_the_publishable_key_lists()
    {
        using var answer = await _edge.SendAsync(await PublishableAsync(), HttpMethod.Get, "/v1/models", null, ("Origin", Page));
        Assert.Equal(200, (int)answer.StatusCode);
        AssertReadable(answer);
    }

    [Fact]
    public async Task An_error_after_authentication_may_be_read_too()
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
    public async Task A_refusal_by_the_limiter_may_be_read_too()
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
    public async Task A_stream_may_be_read_too()
    {
        fixture.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", OneModel)));
        using var answer = await _edge.PostAsync(
            await PublishableAsync(), "/v1/chat/completions", new { model = "gpt-4o", stream = true, messages = Array.Empty<object>() }, ("Origin", Page));
        await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        AssertReadable(answer);
    }

    [Theory]
    [InlineData("publishable", "https://evil.org")]
    [InlineData("publishable", "null")]
    [InlineData("secret", Page)]
    [InlineData(null, Page)]
    public async Task No_other_answer_may_be_read(string? type, string origin)
    {
        var key = type switch
        {
            "publishable" => await PublishableAsync(),
            "secret" => await _edge.CreateKeyAsync(fixture.ProjectId),
            _ => null,
        };
        using var answer = await _edge.SendAsync(key, HttpMethod.Get, "/v1/models", null, ("Origin", origin));

        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Origin", answer.Headers.Vary);
    }

    [Fact]
    public async Task The_providers_own_cross_origin_headers_are_not_passed_on()
    {
        fixture.Provider.Enqueue((_, response) => response.JsonAsync(200, "{}", ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Credentials", "true")));
        using var answer = await _edge.PostAsync(
            await PublishableAsync(), "/v1/chat/completions", new { model = "gpt-4o", messages = Array.Empty<object>() }, ("Origin", Page));

        AssertReadable(answer);
    }

    private Task<string> PublishableAsync() => _edge.CreateKeyAsync(fixture.ProjectId, "publishable", more: new { allowed_domains = Domains });

    private static void AssertReadable(HttpResponseMessage answer)
    {
        Assert.Equal(Page, Single(answer, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", answer.Headers.Vary);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        var exposed = Single(answer, "Access-Control-Expose-Headers").Split(", ").ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.Superset(
            new HashSet<string>(
                ["X-Request-Id", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "x-ratelimit-limit-requests", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "Server-Timing"],
                StringComparer.OrdinalIgnoreCase),
            exposed);
    }

    private static string Single(HttpResponseMessage answer, string name) => Assert.Single(answer.Headers.GetValues(name));
}
