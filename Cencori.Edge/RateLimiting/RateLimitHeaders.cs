using System.Globalization;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// Writes the response headers about limits, for Cencori's clients (<c>X-RateLimit-*</c>) and OpenAI's (<c>x-ratelimit-*-requests</c>,
/// <c>-tokens</c>). Times are rounded up, so that a client that waits that long does not retry too early.
/// </summary>
public static class RateLimitHeaders
{
    private const long LongestDuration = long.MaxValue / TimeSpan.TicksPerMillisecond;

    /// <summary>
    /// Writes the state of <paramref name="reservation"/>, acquired or refused. Writes no headers for an unlimited bucket.
    /// </summary>
    public static void Write(IHeaderDictionary headers, RateLimitReservation reservation, TimeProvider time)
    {
        if (reservation.Requests is { } requests)
        {
            var fullAt = Milliseconds(time.GetUtcNow() - DateTimeOffset.UnixEpoch) + Milliseconds(requests.UntilFull);
            var limit = Text(requests.Limit);
            var remaining = Text(requests.Remaining);
            headers["X-RateLimit-Limit"] = limit;
            headers["X-RateLimit-Remaining"] = remaining;
            headers["X-RateLimit-Reset"] = Text(fullAt);

            headers["x-ratelimit-limit-requests"] = limit;
            headers["x-ratelimit-remaining-requests"] = remaining;
            headers["x-ratelimit-reset-requests"] = Duration(requests.UntilFull);
        }

        if (reservation.Tokens is { } tokens)
        {
            headers["x-ratelimit-limit-tokens"] = Text(tokens.Limit);
            headers["x-ratelimit-remaining-tokens"] = Text(tokens.Remaining);
            headers["x-ratelimit-reset-tokens"] = Duration(tokens.UntilFull);
        }
    }

    private static long Milliseconds(TimeSpan time) => DivideRoundingUp(time.Ticks, TimeSpan.TicksPerMillisecond);

    private static string Duration(TimeSpan time) =>
        GoDuration.Format(TimeSpan.FromMilliseconds(Math.Min(Milliseconds(time), LongestDuration)));

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static long DivideRoundingUp(long value, long divisor) => (value / divisor) + (value % divisor > 0 ? 1 : 0);
}
