using System.Globalization;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>
/// Compares a number with the number of an equally long period before, in words, which screen readers can read. When the earlier number is too
/// small for a percentage, the text contains that number instead. The text ends with <c>when</c>, the name of the earlier period, such as <c>yesterday by this time</c>.
/// </summary>
public static class UsageComparison
{
    // Minimum number of requests in the earlier period for a percentage. With fewer requests, a percentage means nothing.
    private const int MinRequests = 10;
    private const decimal Cent = 0.01m;

    // Minimum difference between latencies in percent. Each percentile is exact within 2 %, so smaller differences mean nothing.
    private const decimal MinOfTimes = 5;

    /// <summary>Compares two numbers: <c>12 % more than yesterday by this time</c>.</summary>
    public static string Count(long now, long before, string when) => before < MinRequests ? $"{(before == 0 ? "none" : Numbers.Exact(before))} {when}" : Ratio(now, before, ("more", "fewer", "as many as"), when);

    /// <inheritdoc cref="Count"/>
    public static string Usd(decimal now, decimal before, string when) => before < Cent ? $"{(before == 0 ? "nothing" : Numbers.Usd(before))} {when}" : Ratio(now, before, ("more", "less", "as much as"), when);

    /// <summary>Compares a percentile of latencies: <c>12 % longer than yesterday by this time</c>.</summary>
    public static string Time(LatencyHistogram now, LatencyHistogram before, double rank, string when) =>
        before.Count == 0 ? $"no responses {when}"
        : now.Count < MinRequests || before.Count < MinRequests ? $"{Latency.Of(before, rank)} {when}"
        : Ratio(now.Percentile(rank), before.Percentile(rank), ("longer", "shorter", "as long as"), when, MinOfTimes);

    private static string Ratio(decimal now, decimal before, (string Up, string Down, string Same) words, string when, decimal min = 0.05m)
    {
        if (before <= 0 || now >= 10 * before)
        {
            return before <= 0 ? $"{words.Same} {when}" : $"{(now / before).ToString("#,0", CultureInfo.InvariantCulture)} times {words.Same} {when}";
        }

        var percent = Math.Abs(100 * (now - before) / before);
        return now == before ? $"{words.Same} {when}"
            : percent < min ? $"about {words.Same} {when}"
            : $"{percent.ToString(percent < 9.95m && min < 1 ? "0.0" : "#,0", CultureInfo.InvariantCulture)} % {(now > before ? words.Up : words.Down)} than {when}";
    }
}
