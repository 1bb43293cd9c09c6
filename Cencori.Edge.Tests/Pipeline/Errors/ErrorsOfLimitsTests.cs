using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>The edge's own 429 responses.</summary>
public sealed class ErrorsOfLimitsTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    [Theory]
    [InlineData("/v1/chat/completions")]
    [InlineData("/api/v1/chat/completions")]
    [InlineData("/v1/models")]
    public async Task A_request_over_the_rate_limit_gives_429_with_Retry_After(string path)
    {
        var key = await KeyWithLimitsAsync(new { requests_per_minute = 6, burst = 1 });
        using var first = await at.Edge.SendAsync(key, HttpMethod.Get, "/v1/models");

        var error = await (path == "/v1/models"
            ? at.Edge.SendAsync(key, HttpMethod.Get, path)
            : at.Edge.PostAsync(key, path, ScriptedEdge.Chat)).NestedErrorAsync();

        Assert.True(first.IsSuccessStatusCode);
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED", "rate_limit_error", "requests"), (error.Status, error.Code, error.Type, error.Param));
        AssertWait(error, longestMilliseconds: 10_000);
        Assert.Equal("1", error.Header("X-RateLimit-Limit"));
        Assert.Null(error.Header("X-Cencori-Limited-By"));
    }

    [Fact]
    public async Task A_request_over_the_token_limit_gives_429_for_tokens()
    {
        var key = await KeyWithLimitsAsync(new { tokens_per_minute = 100 });
        at.Provider.Enqueue((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 90)));
        var body = new { model = "gpt-4o", max_tokens = 90, messages = new[] { new { role = "user", content = "hi" } } };
        using var first = await at.Edge.PostAsync(key, "/v1/chat/completions", body);

        var error = await at.Edge.PostAsync(key, "/v1/chat/completions", body).NestedErrorAsync();

        Assert.True(first.IsSuccessStatusCode);
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED", "tokens"), (error.Status, error.Code, error.Param));
        AssertWait(error, longestMilliseconds: 60_000);
    }

    [Fact]
    public async Task A_request_larger_than_the_whole_bucket_gives_429_without_a_retry()
    {
        var key = await KeyWithLimitsAsync(new { tokens_per_minute = 100 });
        var body = new { model = "gpt-4o", max_tokens = 1_000, messages = new[] { new { role = "user", content = "hi" } } };

        var error = await at.Edge.PostAsync(key, "/v1/chat/completions", body).NestedErrorAsync();

        Assert.Equal((429, "RATE_LIMIT_EXCEEDED", "tokens"), (error.Status, error.Code, error.Param));
        Assert.Equal(("false", null, null), (error.Header("x-should-retry"), error.Header("Retry-After"), error.Header("retry-after-ms")));
    }

    [Fact]
    public async Task A_request_over_the_concurrency_limit_gives_429_with_Retry_After()
    {
        var key = await KeyWithLimitsAsync(new { concurrent_requests = 1 });
        var completed = new TaskCompletionSource();
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.HoldAsync(completed.Task);
            await response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1));
        });
        var first = at.Edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
        await at.Provider.NextRequestAsync();

        var error = await at.Edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync();
        completed.SetResult();
        using var edgeResponse = await first;

        Assert.True(edgeResponse.IsSuccessStatusCode);
        Assert.Equal((429, "RATE_LIMIT_EXCEEDED", "concurrency"), (error.Status, error.Code, error.Param));
        AssertWait(error, longestMilliseconds: 60_000);
    }

    private static void AssertWait(ErrorResponse error, int longestMilliseconds)
    {
        Assert.Null(error.Header("x-should-retry"));
        var milliseconds = int.Parse(error.Header("retry-after-ms")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(milliseconds, 1, longestMilliseconds);
        Assert.Equal(((milliseconds + 999) / 1_000).ToString(System.Globalization.CultureInfo.InvariantCulture), error.Header("Retry-After"));
    }

    private async Task<string> KeyWithLimitsAsync(object limits) => (await at.CreateAsync(limits)).Key;
}
