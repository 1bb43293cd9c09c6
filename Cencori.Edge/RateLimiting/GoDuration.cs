using System.Buffers;
using System.Globalization;

namespace Cencori.Edge.RateLimiting;

/// <summary>Durations as Go prints them, which is what OpenAI clients parse from the reset headers.</summary>
public static class GoDuration
{
    private const long TicksPerHalfMillisecond = TimeSpan.TicksPerMillisecond / 2;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>
    /// <paramref name="duration"/> rounded to milliseconds, halves away from zero: <c>0s</c>, <c>120ms</c>,
    /// <c>1.5s</c>, <c>6m0s</c>, <c>1h2m3.004s</c>.
    /// </summary>
    public static string Format(TimeSpan duration)
    {
        var (milliseconds, rest) = Math.DivRem(duration.Ticks, TimeSpan.TicksPerMillisecond);
        milliseconds += rest >= TicksPerHalfMillisecond ? 1 : rest <= -TicksPerHalfMillisecond ? -1 : 0;
        if (milliseconds == 0)
        {
            return "0s";
        }

        var sign = milliseconds < 0 ? "-" : "";
        milliseconds = Math.Abs(milliseconds);
        if (milliseconds < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{milliseconds}ms");
        }

        var (minutes, belowMinute) = Math.DivRem(milliseconds, 60_000);
        var (hours, belowHour) = Math.DivRem(minutes, 60);
        var (seconds, thousandths) = Math.DivRem(belowMinute, 1000);
        Span<char> text = stackalloc char[4];
        var fraction = Fraction(thousandths, text);
        return minutes == 0 ? string.Create(CultureInfo.InvariantCulture, $"{sign}{seconds}{fraction}s")
            : hours == 0 ? string.Create(CultureInfo.InvariantCulture, $"{sign}{minutes}m{seconds}{fraction}s")
            : string.Create(CultureInfo.InvariantCulture, $"{sign}{hours}h{belowHour}m{seconds}{fraction}s");
    }

    /// <summary>Parses what Go prints, and other sums of units: <c>6m0s</c>, <c>1.5s</c>, <c>12ms</c>, <c>1h2m3.004s</c>. No sign, no white space.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="duration">The duration; <see cref="TimeSpan.MaxValue"/> if it is too long for a <see cref="TimeSpan"/>.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var seconds = 0.0;
        var rest = text;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                return false;
            }

            rest = rest[digits..];
            var length = rest.IndexOfAny(Digits) is >= 0 and var next ? next : rest.Length;
            if (SecondsOf(rest[..length]) is not { } unit)
            {
                return false;
            }

            seconds += amount * unit;
            rest = rest[length..];
        }

        duration = seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        return !text.IsEmpty;
    }

    private static double? SecondsOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1e-9,
        "us" or "\u00b5s" or "\u03bcs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        _ => null,
    };

    // Formats by hand: every response has two of these durations, and a custom decimal format takes longer than the rest of the formatting.
    private static ReadOnlySpan<char> Fraction(long thousandths, Span<char> text)
    {
        if (thousandths == 0)
        {
            return [];
        }

        text[0] = '.';
        thousandths.TryFormat(text[1..], out _, "d3", CultureInfo.InvariantCulture);
        return text.TrimEnd('0');
    }
}
