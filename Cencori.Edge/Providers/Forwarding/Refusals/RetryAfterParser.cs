using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Reads the retry times of providers, in all the forms that providers use. An unreadable time, or one above <see cref="Longest"/>, is ignored.</summary>
internal static partial class RetryAfterParser
{
    /// <summary>The longest time that <c>Retry-After</c> can express in seconds.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(int.MaxValue);

    // The result for every time in days or longer units. Nobody waits for days, so the exact number does not matter.
    private static readonly TimeSpan Days = TimeSpan.FromDays(1);

    // Larger numbers are timestamps since 1970 (seconds or milliseconds), not durations.
    private const double FirstOfEpoch = 1e9;
    private const double FirstOfEpochInMilliseconds = 1e12;

    /// <summary>The time that the retry headers name: <c>retry-after-ms</c>, <c>x-ms-retry-after-ms</c>, <c>Retry-After</c>.</summary>
    /// <param name="response">The provider's response.</param>
    /// <param name="now">Used if the response has no <c>Date</c>. Dates are read relative to that header, because clocks differ.</param>
    /// <returns>The time to wait from now. Null: the headers name no time, or none in the future.</returns>
    public static TimeSpan? Parse(HttpResponseMessage response, DateTimeOffset now)
    {
        var headers = response.Headers.NonValidated;
        now = response.Headers.Date ?? now;
        return Longer(headers, "retry-after-ms", Milliseconds) ?? Longer(headers, "x-ms-retry-after-ms", Milliseconds) ?? Longer(headers, "Retry-After", value => Time(value, now));
    }

    /// <summary>
    /// The time until the last of the exhausted limits is reset, from the rate limit headers. Limits with something left are ignored, because they do not block the next request.
    /// </summary>
    /// <param name="response">The provider's response.</param>
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

    /// <summary>The last wait that a message names, such as <c>try again in 6m0s</c>. Earlier matches may be repeated text of the caller.</summary>
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

    /// <summary>Reads seconds, or a Go duration.</summary>
    public static TimeSpan? Duration(ReadOnlySpan<char> text) =>
        Number(text) is { } seconds ? Seconds(seconds)
        : GoDuration.TryParse(text.Trim(), out var duration) && duration <= Longest ? duration
        : null;

    // Reads a duration, or a point in time, which it converts to the time from now until then.
    private static TimeSpan? Time(string value, DateTimeOffset now) =>
        Number(value) is { } number ? number < FirstOfEpoch ? Seconds(number) : Ahead(number < FirstOfEpochInMilliseconds ? number : number / 1_000, now.ToUnixTimeMilliseconds() / 1e3)
        : Duration(value) is { } duration ? duration
        : RetryConditionHeaderValue.TryParse(value, out var reported) && reported.Date is { } date ? Ahead(date.ToUnixTimeMilliseconds() / 1e3, now.ToUnixTimeMilliseconds() / 1e3)
        : DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date) && value.Contains('T', StringComparison.Ordinal) ? Ahead(date.ToUnixTimeMilliseconds() / 1e3, now.ToUnixTimeMilliseconds() / 1e3)
        : null;

    private static TimeSpan? Ahead(double then, double now) => then > now ? Seconds(then - now) : null;

    private static TimeSpan? Milliseconds(string value) => Number(value) is { } milliseconds ? Seconds(milliseconds / 1_000) : null;

    private static TimeSpan? Seconds(double seconds) => seconds <= Longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;

    // No sign is allowed. The upper bound excludes "Infinity", which also parses as a number.
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
            longest = read(value) is { } reported && !(reported < longest) ? reported : longest;
        }

        return longest;
    }

    [GeneratedRegex(@"(?:try again|retry) (?:in|after) ((?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|h|m|s)(?![a-z])){1,4}|[0-9]{1,9}(?:\.[0-9]{1,9})?(?![0-9a-z]))(?: (milliseconds?|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?)\b)?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Sentence();
}
