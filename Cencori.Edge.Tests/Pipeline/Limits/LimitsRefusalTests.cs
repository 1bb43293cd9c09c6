using System.Globalization;
using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Limits;

public class LimitsRefusalTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    [Theory]
    [InlineData("requests", 60, 1, null, "1000")]
    [InlineData("requests", 600, 1, null, "100")]
    [InlineData("requests", 7, 1, null, "8572")]
    [InlineData("tokens", null, null, 150, "20000")]
    public async Task A_client_that_waits_for_Retry_After_succeeds_and_a_millisecond_earlier_it_does_not(
        string limit, int? perMinute, int? burst, int? tokens, string milliseconds)
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = perMinute, burst, tokens_per_minute = tokens });
        (await scene.PostChatAsync(key)).Dispose();

        using var refused = await scene.PostChatAsync(key);

        var error = await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        Assert.Equal("rate_limit_error", error.Type);
        Assert.Equal(limit, error.Param);
        Assert.Equal(milliseconds, refused.Header("retry-after-ms"));
        var wait = int.Parse(milliseconds, CultureInfo.InvariantCulture);
        Assert.Equal($"{(wait + 999) / 1000}", refused.Header("Retry-After"));
        Assert.Null(refused.Header("x-should-retry"));

        scene.Clock.Advance(TimeSpan.FromMilliseconds(wait - 1));
        using var early = await scene.PostChatAsync(key);
        Assert.Equal(HttpStatusCode.TooManyRequests, early.StatusCode);

        scene.Clock.Advance(TimeSpan.FromMilliseconds(1));
        using var repeated = await scene.PostChatAsync(key);
        Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
    }

    [Theory]
    [InlineData(600, 1, null, null, "The project's limit of 600 requests a minute (burst 1) is reached.")]
    [InlineData(1, null, null, null, "The project's limit of 1 request a minute is reached.")]
    [InlineData(1, 1, null, null, "The project's limit of 1 request a minute is reached.")]
    [InlineData(null, null, 150, null, "The project's limit of 150 tokens a minute is reached. This request needs 100 tokens, and 50 are left.")]
    [InlineData(6000, 1, 99, null, "This request needs 100 tokens, more than the project's limit of 99 tokens a minute ever allows, so it can never pass.")]
    public async Task A_429_names_the_limit_as_the_administrator_set_it(int? perMinute, int? burst, int? tokens, int? concurrent, string message)
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = perMinute, burst, tokens_per_minute = tokens, concurrent_requests = concurrent });
        (await scene.PostChatAsync(key)).Dispose();
        using var refused = await scene.PostChatAsync(key);

        Assert.Equal(message, (await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED")).Message);
    }

    [Fact]
    public async Task A_client_that_waits_succeeds_even_after_many_refusals() // field traps 4 and 5
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1 });
        (await scene.PostChatAsync(key)).Dispose();
        for (var i = 0; i < 20; i++)
        {
            scene.Clock.Advance(TimeSpan.FromMilliseconds(49));
            using var refused = await scene.PostChatAsync(key);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        }

        scene.Clock.Advance(TimeSpan.FromMilliseconds(20));
        using var response = await scene.PostChatAsync(key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_cost_larger_than_the_bucket_is_refused_without_a_retry()
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, tokens_per_minute = 1_000 });

        using var refused = await scene.PostChatAsync(key, tokens: 1_001);

        var error = await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        Assert.Equal("tokens", error.Param);
        Assert.Equal("false", refused.Header("x-should-retry"));
        Assert.Null(refused.Header("Retry-After"));
        Assert.Null(refused.Header("retry-after-ms"));
        Assert.Equal("1000", refused.Header("x-ratelimit-remaining-tokens"));

        using var fitting = await scene.PostChatAsync(key, tokens: 1_000);
        Assert.Equal(HttpStatusCode.OK, fitting.StatusCode);
    }

    [Fact]
    public async Task A_request_refused_for_its_tokens_takes_no_request() // yarp trap 41
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 2, tokens_per_minute = 150 });
        (await scene.PostChatAsync(key)).Dispose();

        using var refused = await scene.PostChatAsync(key);
        using var small = await scene.PostChatAsync(key, tokens: 20);

        Assert.Equal("1", refused.Header("x-ratelimit-remaining-requests"));
        Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        Assert.Equal("0", small.Header("x-ratelimit-remaining-requests"));
    }

    [Fact]
    public async Task A_request_refused_for_its_number_takes_no_tokens() // yarp trap 41
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1, tokens_per_minute = 1_000 });
        (await scene.PostChatAsync(key)).Dispose();

        using var refused = await scene.PostChatAsync(key);

        Assert.Equal("900", refused.Header("x-ratelimit-remaining-tokens"));
    }

    [Fact]
    public async Task A_refused_request_never_reaches_the_provider()
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1 });
        (await scene.PostChatAsync(key)).Dispose();
        var before = scene.Provider.Requests.Count;

        using var refused = await scene.PostChatAsync(key);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [Fact]
    public async Task The_model_list_and_pass_through_paths_count_as_requests() // field trap 18
    {
        var (_, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 3 });

        using var list = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/models");
        using var one = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
        using var files = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/files");
        using var refusedList = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/models");
        using var refusedFiles = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/files");

        Assert.Equal(["2", "1", "0"], new[] { list, one, files }.Select(response => response.Header("X-RateLimit-Remaining")));
        await refusedList.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        await refusedFiles.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
    }
}
