using System.Globalization;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Formats numbers for pages, independent of the server's culture.</summary>
public static class Numbers
{
    // Times up to this far in the future count as "just now": another edge, whose clock is ahead, may have written them.
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(-5);

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Formats a number: all digits up to 99,999, above that short, such as <c>1.24 M</c>. Then a tooltip should have the exact number.</summary>
    public static string Count(long number) => Math.Abs(number) < 100_000 ? Exact(number)
        : Math.Abs(number) < 999_500 ? $"{(number / 1e3).ToString("0", Culture)} K"
        : Math.Abs(number) < 999_500_000 ? $"{Significant(number / 1e6)} M"
        : $"{Significant(number / 1e9)} G";

    public static string Exact(long number) => number.ToString("#,0", Culture);

    /// <summary>Formats a number with its noun: "1 request", "1,200 requests".</summary>
    public static string Of(long number, string one) => $"{Exact(number)} {one}{(number == 1 ? "" : "s")}";

    /// <summary>Formats a size: <c>512 bytes</c>, <c>1.50 MiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => Of(bytes, "byte"),
        < 1 << 20 => $"{Significant(bytes / 1024.0)} KiB",
        < 1 << 30 => $"{Significant(bytes / 1048576.0)} MiB",
        _ => $"{Significant(bytes / 1073741824.0)} GiB",
    };

    /// <summary>Formats US dollars. From $1: dollars and cents. Below: four significant digits, at most six decimals. 0 is <c>$0.00</c>; never pass 0 for an unknown cost.</summary>
    public static string Usd(decimal usd) => usd switch
    {
        0 => "$0.00",
        < 0 => "−" + Usd(-usd),
        < 0.000001m => "< $0.000001",
        >= 1 => usd.ToString("$#,0.00", Culture),
        _ => "$" + Math.Round(usd, Math.Min(6, 3 + LeadingZeros(usd)), MidpointRounding.AwayFromZero).ToString("0.00####", Culture),
    };

    /// <summary>Formats a duration: <c>840 µs</c>, <c>42 ms</c>, <c>1.84 s</c>, <c>2 min 05 s</c>, <c>3 h 20 min</c>.</summary>
    public static string Duration(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 0 => "−" + Duration(-time),
        < 0.9995 => $"{time.TotalMicroseconds.ToString("0", Culture)} µs",
        < 999.5 => $"{time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "0.#" : "0", Culture)} ms",
        < 59_995 => $"{time.TotalSeconds.ToString("0.00", Culture)} s",
        < 3_600_000 => $"{(int)time.TotalMinutes} min {time.Seconds:00} s",
        < 86_400_000 => $"{(int)time.TotalHours} h {time.Minutes:00} min",
        _ => $"{(int)time.TotalDays} d {time.Hours} h",
    };

    /// <summary>Formats a share as a percentage with one decimal. Shows 100.0 only for all, and 0.0 only for nothing. 0 of 0 gives a dash.</summary>
    public static string Percent(long part, long whole)
    {
        if (whole == 0)
        {
            return "–";
        }

        var percent = Math.Round(100m * part / whole, 1, MidpointRounding.AwayFromZero);
        percent = part < whole ? Math.Min(percent, 99.9m) : percent;
        return (part > 0 ? Math.Max(percent, 0.1m) : percent).ToString("0.0", Culture) + " %";
    }

    /// <summary>Formats an elapsed time: <c>just now</c>, <c>3 min ago</c>, <c>5 h ago</c>, <c>12 d ago</c>; for the future <c>in 3 min</c>.</summary>
    public static string Ago(TimeSpan passed)
    {
        var (text, isToCome) = (RoundedDuration(passed.Duration()), passed < TimeSpan.Zero);
        return text is null ? (passed < Skew ? "in a moment" : "just now") : isToCome ? "in " + text : text + " ago";
    }

    private static string? RoundedDuration(TimeSpan time) => time.TotalSeconds < 60 ? null
        : time.TotalMinutes < 60 ? $"{(int)time.TotalMinutes} min"
        : time.TotalHours < 48 ? $"{(int)time.TotalHours} h"
        : $"{(int)time.TotalDays} d";

    private static string Significant(double number) => number.ToString(Math.Abs(number) < 9.995 ? "0.00" : Math.Abs(number) < 99.95 ? "0.0" : "0", Culture);

    private static int LeadingZeros(decimal usd)
    {
        var zeros = 0;
        for (; usd < 0.1m; usd *= 10)
        {
            zeros++;
        }

        return zeros + 1;
    }
}
