using System.Net;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Routing.Health;
using CsCheck;

namespace Cencori.Edge.Tests.Providers.Forwarding;

/// <summary>The retry times of providers, in each form that a provider uses.</summary>
public sealed class RetryAfterParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 8, 0, 0, TimeSpan.Zero);

    private static readonly string[] Names =
        ["retry-after-ms", "x-ms-retry-after-ms", "Retry-After", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset", "Date"];

    private static readonly string[] Values =
    [
        "", "0", "1", "-1", "1.5", "1.", ".5", "52s", "6m0s", "12ms", "1h2m3.004s", "inf", "Infinity", "NaN", "∞", "1e9", "315360000", "99999999999999999999999999", "Sun, 29 Nov 2026 08:00:20 GMT", "Sun, 29 Nov 2026 07:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT", "2026-11-29T08:00:30Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "1764403230", "1764403230123", "try again in 46.72s", "Please retry in 9999999999h",
    ];

    [Theory]
    [InlineData("Retry-After", "20", 20_000)]
    [InlineData("Retry-After", " 1.5 ", 1_500)]
    [InlineData("Retry-After", "0", 0)]
    [InlineData("Retry-After", "52s", 52_000)]
    [InlineData("Retry-After", "6m0s", 360_000)]
    [InlineData("Retry-After", "Sun, 29 Nov 2026 08:00:20 GMT", 20_000)]
    [InlineData("Retry-After", "2026-11-29T08:00:30Z", 30_000)]
    [InlineData("retry-after-ms", "1250.5", 1_250)]
    [InlineData("x-ms-retry-after-ms", "800", 800)]
    [InlineData("Retry-After", "86400", 86_400_000)]
    [InlineData("Retry-After", "99999999999999999999", null)]
    [InlineData("Retry-After", "-1", null)]
    [InlineData("Retry-After", "inf", null)]
    [InlineData("Retry-After", "NaN", null)]
    [InlineData("Retry-After", "soon", null)]
    [InlineData("Retry-After", "Sun, 29 Nov 2026 07:00:00 GMT", null)]
    [InlineData("retry-after-ms", "-1", null)]
    [InlineData("Other", "20", null)]
    public void Retry_headers_are_read(string name, string value, int? milliseconds) => Assert.Equal(milliseconds, (int?)RetryAfterParser.Parse(Head((name, value)), Now)?.TotalMilliseconds);

    [Fact]
    public void The_most_precise_header_wins_and_an_unreadable_one_is_skipped()
    {
        Assert.Equal(250, RetryAfterParser.Parse(Head(("Retry-After", "9"), ("x-ms-retry-after-ms", "500"), ("retry-after-ms", "250")), Now)!.Value.TotalMilliseconds);
        Assert.Equal(500, RetryAfterParser.Parse(Head(("Retry-After", "9"), ("x-ms-retry-after-ms", "500"), ("retry-after-ms", "x")), Now)!.Value.TotalMilliseconds);
        Assert.Equal(9, RetryAfterParser.Parse(Head(("Retry-After", "9"), ("x-ms-retry-after-ms", "-1")), Now)!.Value.TotalSeconds);
    }

    [Fact]
    public void A_date_is_read_relative_to_the_responses_own_Date() =>
        Assert.Equal(20, RetryAfterParser.Parse(Head(("Retry-After", "Sun, 29 Nov 2026 09:00:20 GMT"), ("Date", "Sun, 29 Nov 2026 09:00:00 GMT")), Now)!.Value.TotalSeconds);

    [Theory]
    [InlineData("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "6m0s", 360_000)]
    [InlineData("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "12ms", 12)]
    [InlineData("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "10", 10_000)]
    [InlineData("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1795939230000", 30_000)]
    [InlineData("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1795939230", 30_000)]
    [InlineData("anthropic-ratelimit-tokens-remaining", "0", "anthropic-ratelimit-tokens-reset", "2026-11-29T08:00:30Z", 30_000)]
    [InlineData("anthropic-ratelimit-tokens-remaining", "0", "anthropic-ratelimit-tokens-reset", "2026-11-29T07:00:30Z", null)]
    [InlineData("x-ratelimit-remaining-requests", "1", "x-ratelimit-reset-requests", "6m0s", null)]
    [InlineData("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-tokens", "6m0s", null)]
    public void Only_the_reset_of_an_exhausted_limit_counts(string remaining, string left, string reset, string value, int? milliseconds) =>
        Assert.Equal(milliseconds, (int?)RetryAfterParser.OfLimits(Head((remaining, left), (reset, value)), Now)?.TotalMilliseconds);

    [Fact]
    public void The_latest_reset_of_several_exhausted_limits_counts() => Assert.Equal(20, RetryAfterParser.OfLimits(
        Head(
            ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "8s"), ("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "20s"),
            ("x-ratelimit-remaining-images", "5"), ("x-ratelimit-reset-images", "1h0m0s")),
        Now)!.Value.TotalSeconds);

    [Theory]
    [InlineData("Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 5000. Please try again in 46.72s. Visit …", 46_720)]
    [InlineData("Please try again in 6m0s.", 360_000)]
    [InlineData("Please try again in 250ms.", 250)]
    [InlineData("Try again in 1.5", 1_500)]
    [InlineData("Please retry after 26 seconds.", 26_000)]
    [InlineData("Please retry in 33.4s.", 33_400)]
    [InlineData("try again in 2 minutes", 120_000)]
    [InlineData("try again in 5 milliseconds", 5)]
    [InlineData("The model try again in 300s is busy: try again in 2s", 2_000)]
    [InlineData("try again in 999999999h", null)]
    [InlineData("try again in 10 years", 86_400_000)]
    [InlineData("try again in -1s", null)]
    [InlineData("try again in inf", null)]
    [InlineData("try again later", null)]
    [InlineData("", null)]
    public void Retry_times_in_sentences_are_read(string text, int? milliseconds) => Assert.Equal(milliseconds, (int?)RetryAfterParser.InText(text)?.TotalMilliseconds);

    [Fact]
    public void Arbitrary_headers_never_throw_and_the_wait_stays_within_its_bounds() =>
        Gen.Select(Gen.OneOfConst(Names), Gen.OneOf(Gen.OneOfConst(Values), Gen.String[Gen.Char[' ', '~'], 0, 24], Neighbours())).Array[0, 6].Sample(heads =>
        {
            var head = Head(heads);
            Check(RetryAfterParser.Parse(head, Now) ?? RetryAfterParser.OfLimits(head, Now));
        });

    [Fact]
    public void Arbitrary_sentences_never_throw_and_the_wait_stays_within_its_bounds() =>
        Gen.Select(Gen.OneOfConst("try again in ", "Please retry after ", "retry in", ""), Gen.OneOf(Gen.OneOfConst(Values), Gen.String, Neighbours())).Sample((before, text) => Check(RetryAfterParser.InText(before + text)));

    // Meaningful values with one character replaced.
    private static Gen<string> Neighbours() =>
        Gen.Select(Gen.OneOfConst(Values.Where(value => value.Length > 0).ToArray()), Gen.Int[0, 1_000], Gen.Char[' ', '~']).Select((value, place, letter) => value.Remove(place % value.Length, 1).Insert(place % value.Length, $"{letter}"));

    private static void Check(TimeSpan? hint)
    {
        if (hint is { } wait)
        {
            Assert.InRange(wait, TimeSpan.Zero, RetryAfterParser.Longest);
        }

        Assert.InRange(CoolingLength.Of(TargetOutcome.RateLimited, hint, 0), TimeSpan.FromMilliseconds(250), TimeSpan.FromMinutes(5.5));
    }

    private static HttpResponseMessage Head(params (string Name, string Value)[] headers)
    {
        var head = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        foreach (var (name, value) in headers)
        {
            head.Headers.TryAddWithoutValidation(name, value);
        }

        return head;
    }
}
