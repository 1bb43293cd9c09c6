using Cencori.Edge.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class RateLimitHeadersTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));

    [Fact]
    public void Both_buckets_are_written_for_both_kinds_of_client()
    {
        var headers = Written(
            new RateLimitStatus(60, 59, TimeSpan.FromSeconds(1)),
            new RateLimitStatus(90_000, 0, TimeSpan.FromMinutes(6)));

        Assert.Equal(
            [
                "X-RateLimit-Limit: 60",
                "X-RateLimit-Remaining: 59",
                "X-RateLimit-Reset: 1800000001000",
                "x-ratelimit-limit-requests: 60",
                "x-ratelimit-limit-tokens: 90000",
                "x-ratelimit-remaining-requests: 59",
                "x-ratelimit-remaining-tokens: 0",
                "x-ratelimit-reset-requests: 1s",
                "x-ratelimit-reset-tokens: 6m0s",
            ],
            headers.Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_unlimited_bucket_writes_no_headers()
    {
        Assert.Empty(Written(null, null));
        Assert.Equal(3, Written(null, new RateLimitStatus(1, 1, TimeSpan.Zero)).Count);
        Assert.Equal(6, Written(new RateLimitStatus(1, 1, TimeSpan.Zero), null).Count);
    }

    [Fact]
    public void A_reset_between_two_milliseconds_is_rounded_up()
    {
        var headers = Written(new RateLimitStatus(1, 0, TimeSpan.FromTicks(1)), null);

        Assert.Equal("1800000000001", headers["X-RateLimit-Reset"]);
        Assert.Equal("1ms", headers["x-ratelimit-reset-requests"]);
    }

    [Fact]
    public void The_longest_reset_is_written() =>
        Assert.EndsWith("s", Written(new RateLimitStatus(1, 0, TimeSpan.MaxValue), null)["x-ratelimit-reset-requests"].ToString(), StringComparison.Ordinal);

    private HeaderDictionary Written(RateLimitStatus? requests, RateLimitStatus? tokens)
    {
        var headers = new HeaderDictionary();
        RateLimitHeaders.Write(headers, new Reservation(new(requests, tokens, Refusal.None)), _clock);
        return headers;
    }

    private sealed class Reservation(RateLimitDecision decision) : RateLimitReservation(decision)
    {
        protected override void Release(long? actualTokens, bool isCancelled)
        {
        }
    }
}
