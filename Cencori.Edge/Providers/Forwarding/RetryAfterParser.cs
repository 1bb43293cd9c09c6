using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>When a provider wants to be asked again, in the ways in which providers say so. What cannot be read, or is longer than <see cref="Longest"/>, is no hint.</summary>
internal static partial class RetryAfterParser
{
    /// <summary>What <c>Retry-After</c> can say in seconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(int.MaxValue);

    // Nobody waits for days, however many they are.
    private static readonly TimeSpan Days = TimeSpan.FromDays(1);

    // Larger numbers are no seconds from now, but since 1970.
    private const double FirstOfEpoch = 1e9;
    private const double FirstOfEpochInMilliseconds = 1e12;

    /// <summary>What the head says outright: <c>retry-after-ms</c>, <c>x-ms-retry-after-ms</c>, <c>Retry-After</c>.</summary>
    /// <param name="response">The provider's.</param>
    /// <param name="now">Stands in for the response's own <c>Date</c>, against which dates are read: clocks differ.</param>
    /// <returns>Null: nothing, or nothing that lies ahead.</returns>
    public static TimeSpan? Parse(HttpResponseMessage response, DateTimeOffset now)
    {
        var headers = response.Headers.NonValidated;
        now = response.Headers.Date ?? now;
        return Longer(headers, "retry-after-ms", Milliseconds) ?? Longer(headers, "x-ms-retry-after-ms", Milliseconds) ?? Longer(headers, "Retry-After", value => Time(value, now));
    }

    /// <summary>
    /// When the last of the limits that are used up is full again. Of others it does not say when the next request may come: it would be refused for the one that is.
    /// </summary>
    /// <param name="response">The provider's.</param>
    /// <param name="now">As for <see cref="Parse"/>.</param>
    public static TimeSpan? OfLimits(HttpResponseMessage response, DateTimeOffset now)
    {
        const string Remaining = "remaining";
        var headers = response.Headers.NonValidated;
        now = response.Headers.Date ?? now;
        TimeSpan? longest = null;
        foreach (var (name, values) in headers)
        {
            if (name.Contains("ratelimit", StringComparison.OrdinalIgnoreCase) && name.Contains(Remaining, StringComparison.OrdinalIgnoreCase) && Number(values.ToString()) == 0
                && Longer(headers, name.Replace(Remaining, "reset", StringComparison.OrdinalIgnoreCase), value => Time(value, now)) is { } reset && !(reset < longest))
            {
                longest = reset;
            }
        }

        return longest;
    }

    /// <summary>The last time that a sentence names: <c>try again in 6m0s</c>, <c>retry after 26 seconds</c>. Names that a provider repeats stand before it.</summary>
    public static TimeSpan? InText(string text)
    {
        TimeSpan? last = null;
        foreach (Match match in Sentence().Matches(text))
        {
            var unit = match.Groups[2].Value.ToLowerInvariant();
            last = unit is ['d' or 'w' or 'y', ..] or ['m', 'o', ..] ? Days
                : Duration(match.Groups[1].Value.ToLowerInvariant() + (unit.StartsWith("mil", StringComparison.Ordinal) ? "ms" : unit.Length > 0 ? unit[..1] : "")) ?? last;
        }

        return last;
    }

    /// <summary>Seconds, or what Go prints.</summary>
    public static TimeSpan? Duration(ReadOnlySpan<char> text) =>
        Number(text) is { } seconds ? Seconds(seconds)
        : GoDuration.TryParse(text.Trim(), out var duration) && duration <= Longest ? duration
        : null;

    // A duration, or a time of day.
    private static TimeSpan? Time(string value, DateTimeOffset now) =>
        Number(value) is { } number ? number < FirstOfEpoch ? Seconds(number) : Ahead(number < FirstOfEpochInMilliseconds ? number : number / 1_000, now.ToUnixTimeMilliseconds() / 1e3)
        : Duration(value) is { } duration ? duration
        : RetryConditionHeaderValue.TryParse(value, out var told) && told.Date is { } date ? Ahead(date.ToUnixTimeMilliseconds() / 1e3, now.ToUnixTimeMilliseconds() / 1e3)
        : DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date) && value.Contains('T', StringComparison.Ordinal) ? Ahead(date.ToUnixTimeMilliseconds() / 1e3, now.ToUnixTimeMilliseconds() / 1e3)
        : null;

    private static TimeSpan? Ahead(double then, double now) => then > now ? Seconds(then - now) : null;

    private static TimeSpan? Milliseconds(string value) => Number(value) is { } milliseconds ? Seconds(milliseconds / 1_000) : null;

    private static TimeSpan? Seconds(double seconds) => seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;

    // Without a sign. "Infinity" would be a number as well.
    private static double? Number(ReadOnlySpan<char> text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) && number is >= 0 and < double.PositiveInfinity ? number : null;

    private static TimeSpan? Longer(HttpHeadersNonValidated headers, string name, Func<string, TimeSpan?> read)
    {
        if (!headers.TryGetValues(name, out var values))
        {
            return null;
        }

        TimeSpan? longest = null;
        foreach (var value in values)
        {
            longest = read(value) is { } told && !(told < longest) ? told : longest;
        }

        return longest;
    }

    [GeneratedRegex(@"(?:try again|retry) (?:in|after) ((?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|h|m|s)(?![a-z])){1,4}|[0-9]{1,9}(?:\.[0-9]{1,9})?(?![0-9a-z]))(?: (milliseconds?|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?)\b)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();
}
