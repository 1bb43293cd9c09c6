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

        var sign = milliseconds < 0 ? "-" : "";
        milliseconds = Math.Abs(milliseconds);
        if (milliseconds == 0)
        {
            return "0s";
        }

        if (milliseconds < 1000)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{milliseconds}ms");
        }

        var (minutes, belowMinute) = Math.DivRem(milliseconds, 60_000);
        var seconds = (belowMinute / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
        if (minutes == 0)
        {
            return $"{sign}{seconds}s";
        }

        var (hours, belowHour) = Math.DivRem(minutes, 60);
        return hours == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{sign}{minutes}m{seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{sign}{hours}h{belowHour}m{seconds}s");
    }
}
