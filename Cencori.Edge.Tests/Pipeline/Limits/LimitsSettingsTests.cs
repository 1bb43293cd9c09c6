using System.Net;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Limits;

public class LimitsSettingsTests(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    [Fact]
    public async Task A_new_project_may_make_sixty_requests_and_then_one_per_second()
    {
        var project = await scene.Edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "new" });
        var key = await scene.Edge.CreateKeyAsync((string)project["project"]!["id"]!, environment: "test");

        for (var left = 59; left >= 0; left--)
        {
            using var response = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(("60", $"{left}"), (response.Header("X-RateLimit-Limit"), response.Header("X-RateLimit-Remaining")));
            Assert.Null(response.Header("x-ratelimit-limit-tokens"));
        }

        using var refused = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
        await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED");
        Assert.Equal(("1", "1000"), (refused.Header("Retry-After"), refused.Header("retry-after-ms")));
    }

    [Fact]
    public async Task A_raised_limit_holds_for_the_next_request() // field trap 25
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1 });
        (await scene.PostChatAsync(key)).Dispose();
        await scene.Edge.SetLimitsAsync(project, new { requests_per_minute = 600, burst = 10 });

        using var refused = await scene.PostChatAsync(key);
        Assert.Equal(("10", "100"), (refused.Header("X-RateLimit-Limit"), refused.Header("retry-after-ms")));

        scene.Clock.Advance(TimeSpan.FromMilliseconds(100));
        using var response = await scene.PostChatAsync(key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_lowered_limit_holds_for_the_next_request()
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 600 });
        (await scene.PostChatAsync(key)).Dispose();
        await scene.Edge.SetLimitsAsync(project, new { requests_per_minute = 60, burst = 1 });

        using var last = await scene.PostChatAsync(key);
        using var refused = await scene.PostChatAsync(key);

        Assert.Equal((HttpStatusCode.OK, "1", "0"), (last.StatusCode, last.Header("X-RateLimit-Limit"), last.Header("X-RateLimit-Remaining")));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task A_removed_limit_no_longer_refuses_or_appears_in_headers()
    {
        var (project, key) = await scene.CreateAsync(new { requests_per_minute = 1, tokens_per_minute = 100 });
        (await scene.PostChatAsync(key)).Dispose();
        await scene.Edge.SetLimitsAsync(project, new { });

        using var response = await scene.PostChatAsync(key);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Header("X-RateLimit-Limit"));
        Assert.Null(response.Header("x-ratelimit-limit-tokens"));
    }

    [Fact]
    public async Task An_added_limit_starts_with_a_full_bucket()
    {
        var (project, key) = await scene.CreateAsync(new { });
        (await scene.PostChatAsync(key)).Dispose();
        await scene.Edge.SetLimitsAsync(project, new { tokens_per_minute = 100 });

        using var paid = await scene.PostChatAsync(key);
        using var refused = await scene.PostChatAsync(key);

        Assert.Equal((HttpStatusCode.OK, "0"), (paid.StatusCode, paid.Header("x-ratelimit-remaining-tokens")));
        Assert.Equal("tokens", (await refused.ErrorAsync(HttpStatusCode.TooManyRequests, "RATE_LIMIT_EXCEEDED")).Param);
    }

    [Fact]
    public async Task Two_projects_have_separate_limits_and_two_keys_of_one_project_share_them()
    {
        var (one, firstKey) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1 });
        var secondKey = await scene.Edge.CreateKeyAsync(one);
        var (_, otherKey) = await scene.CreateAsync(new { requests_per_minute = 60, burst = 1 });

        using var first = await scene.PostChatAsync(firstKey);
        using var second = await scene.PostChatAsync(secondKey);
        using var other = await scene.PostChatAsync(otherKey);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK],
            new[] { first, second, other }.Select(response => response.StatusCode));
    }
}
