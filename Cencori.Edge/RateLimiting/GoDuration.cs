using System.Globalization;

namespace Cencori.Edge.RateLimiting;

/// <summary>Durations as Go prints them, which is what OpenAI clients parse from the reset headers.</summary>
public static class GoDuration
{
    private const long TicksPerHalfMillisecond = TimeSpan.TicksPerMillisecond / 2;

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

    // Every answer has two of these durations, and a custom format of a decimal takes longer than all the rest.
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
