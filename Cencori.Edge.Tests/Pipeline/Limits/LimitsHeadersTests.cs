using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Limits;

/// <summary>The rate limit headers of responses. The clock does not advance, so every value is known.</summary>
public class LimitsHeadersTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    private static readonly string[] RequestHeaders =
    [
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
    ];

    private static readonly string[] TokenHeaders = ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];

    // 120 per minute: one request refills in 500 ms. 60,000 per minute: 100 tokens refill in 100 ms.
    private readonly object _limits = new { requests_per_minute = 120, burst = 4, tokens_per_minute = 60_000 };

    [Fact]
    public async Task A_success_has_both_header_families_and_the_values_fall_with_each_request() // field trap 6
    {
        var (_, key) = await scene.CreateAsync(_limits);

        using var first = await scene.PostChatAsync(key);
        using var second = await scene.PostChatAsync(key);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        AssertLimits(first, requests: 3, requestsReset: 500, "500ms", tokens: 59_900, "100ms");
        AssertLimits(second, requests: 2, requestsReset: 1_000, "1s", tokens: 59_800, "200ms");
    }

    [Fact]
    public async Task Remaining_grows_back_with_time()
    {
        var (_, key) = await scene.CreateAsync(_limits);
        (await scene.PostChatAsync(key)).Dispose();
        scene.Clock.Advance(TimeSpan.FromMinutes(1));

        using var later = await scene.PostChatAsync(key);

        AssertLimits(later, requests: 3, requestsReset: 500, "500ms", tokens: 59_900, "100ms");
    }

    [Fact]
    public async Task A_stream_has_the_headers_before_its_first_event() // field trap 6
    {
        scene.Provider.Enqueue((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["hi"])));
        var (_, key) = await scene.CreateAsync(_limits);

        using var edgeResponse = await scene.PostChatAsync(key, body: ClockedEdge.ChatOf(100, stream: true));

        Assert.Equal("text/event-stream", edgeResponse.Content.Headers.ContentType?.MediaType);
        AssertLimits(edgeResponse, requests: 3, requestsReset: 500, "500ms", tokens: 59_900, "100ms");
        Assert.EndsWith("data: [DONE]\n\n", await edgeResponse.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_providers_error_has_the_projects_limits_and_not_the_providers(int status) // yarp trap 8
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(
            status,
            """{"error":{"message":"no","type":"x","param":null,"code":null}}""",
            ("x-ratelimit-limit-requests", "9999"),
            ("X-RateLimit-Remaining", "9998"),
            ("x-ratelimit-remaining-tokens", "9997")));
        var (_, key) = await scene.CreateAsync(_limits);

        using var edgeResponse = await scene.PostChatAsync(key);

        Assert.Equal(status == 401 ? 502 : status, (int)edgeResponse.StatusCode);
        AssertLimits(edgeResponse, requests: 3, requestsReset: 500, "500ms", tokens: 59_900, "100ms");
    }

    [Fact]
    public async Task An_error_after_a_provider_hung_up_has_the_headers()
    {
        scene.Provider.Enqueue((_, response) => response.CloseAsync());
        var (_, key) = await scene.CreateAsync(_limits);

        using var edgeResponse = await scene.PostChatAsync(key);

        await edgeResponse.ErrorAsync(HttpStatusCode.BadGateway, "PROVIDER_ERROR");
        AssertLimits(edgeResponse, requests: 3, requestsReset: 500, "500ms", tokens: 59_900, "100ms");
    }

    [Fact]
    public async Task A_429_has_the_headers_and_takes_nothing()
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1, tokens_per_minute = 60_000 });
        (await scene.PostChatAsync(key)).Dispose();

        using var refused = await scene.PostChatAsync(key);

        await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        Assert.Equal(["1", "0"], RequestHeaders[..2].Select(refused.Header));
        Assert.Equal(["1", "0", "1s"], RequestHeaders[3..].Select(refused.Header));
        Assert.Equal(["60000", "59900", "100ms"], TokenHeaders.Select(refused.Header));
    }

    [Fact]
    public async Task A_project_without_a_token_limit_has_no_token_headers()
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60 });

        using var response = await scene.PostChatAsync(key);

        Assert.Equal("59", response.Header("x-ratelimit-remaining-requests"));
        Assert.All(TokenHeaders, name => Assert.Null(response.Header(name)));
    }

    [Fact]
    public async Task A_project_without_a_request_limit_has_only_token_headers()
    {
        var (_, key) = await scene.CreateAsync(new { tokens_per_minute = 1_000 });

        using var response = await scene.PostChatAsync(key);

        Assert.Equal("900", response.Header("x-ratelimit-remaining-tokens"));
        Assert.All(RequestHeaders, name => Assert.Null(response.Header(name)));
    }

    [Fact]
    public async Task An_unlimited_project_has_no_limit_headers()
    {
        var (_, key) = await scene.CreateAsync(new { });

        using var response = await scene.PostChatAsync(key);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.All([.. RequestHeaders, .. TokenHeaders], name => Assert.Null(response.Header(name)));
    }

    private void AssertLimits(HttpResponseMessage response, int requests, int requestsReset, string requestsDuration, long tokens, string tokensDuration)
    {
        // Header names are case-insensitive, but X-RateLimit-* and x-ratelimit-*-requests are still six different headers.
        var reset = scene.Clock.GetUtcNow().ToUnixTimeMilliseconds() + requestsReset;
        Assert.Equal(["4", $"{requests}", $"{reset}", "4", $"{requests}", requestsDuration], RequestHeaders.Select(response.Header));
        Assert.Equal(["60000", $"{tokens}", tokensDuration], TokenHeaders.Select(response.Header));
    }
}
