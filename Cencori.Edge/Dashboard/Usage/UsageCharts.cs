using Cencori.Edge.Dashboard.Charts;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>Makes the charts of the usage page from one usage result.</summary>
internal static class UsageCharts
{
    // Maximum groups with their own series in a chart: the number of colours.
    private const int MaxSeries = 5;

    // Takes one value from the sums of a point.
    private delegate decimal? Measure(UsageSums sums);

    public static IReadOnlyList<Chart> Of(UsageResult result, UsageNames names)
    {
        var points = result.Total.Points;
        return
        [
            new("requests", "Requests", ChartShape.Bars, ChartUnit.Count,
            [
                Series("Success", 2, points, sums => sums.Success),
                Series("Cancelled", 5, points, sums => sums.Cancelled),
                Series("Filtered", 4, points, sums => sums.Filtered),
                Series("Rate limited", 3, points, sums => sums.RateLimited),
                Series("Error", 6, points, sums => sums.Errors),
            ])
            {
                Note = "Each request is in exactly one series. In /v1/metrics, a cancelled request counts as a success, and a rate-limited one as an error.",
            },
            new("errors", "Errors", ChartShape.Bars, ChartUnit.Count, ByGroup(result, names, sums => sums.Errors + sums.RateLimited)) { Note = "Includes rate-limited requests." },
            new("cost", "Cost", ChartShape.Bars, ChartUnit.Usd, ByGroup(result, names, sums => sums.CostUsd))
            {
                Note = result.Total.Sums.Unpriced > 0 ? $"Without {Parts.Numbers.Of(result.Total.Sums.Unpriced, "unpriced request")}: their cost is unknown." : null,
            },
            new("tokens", "Tokens", ChartShape.Bars, ChartUnit.Count,
            [
                Series("Input", 1, points, sums => sums.PromptTokens - sums.CachedTokens),
                Series("Input that was cached", 5, points, sums => sums.CachedTokens),
                Series("Output", 3, points, sums => sums.CompletionTokens),
            ]),
            new("latency", "Latency", ChartShape.Lines, ChartUnit.Milliseconds, Percentiles(points, sums => sums.Latencies)) { Note = "Of successful requests, from arrival to the last byte." },
            new("first-byte", "Time to first byte", ChartShape.Lines, ChartUnit.Milliseconds, Percentiles(points, sums => sums.FirstBytes)) { Note = "Of successful streams." },
        ];
    }

    private static ChartSeries Series(string name, int colour, IReadOnlyList<UsageSums> points, Measure measure) => new(name, colour, [.. points.Select(sums => measure(sums))]);

    private static List<ChartSeries> Percentiles(IReadOnlyList<UsageSums> points, Func<UsageSums, LatencyHistogram> histogram) =>
    [
        Percentile("p50", 1, points, histogram, 0.5), Percentile("p95", 3, points, histogram, 0.95), Percentile("p99", 6, points, histogram, 0.99),
    ];

    private static ChartSeries Percentile(string name, int colour, IReadOnlyList<UsageSums> points, Func<UsageSums, LatencyHistogram> histogram, double rank) =>
        Series(name, colour, points, sums => histogram(sums) is { Count: > 0 } times ? times.Percentile(rank) / 1_000m : null);

    // One series per group, for the largest groups. All other groups become one series, so that the series add up to the total.
    private static List<ChartSeries> ByGroup(UsageResult result, UsageNames names, Measure measure)
    {
        if (result.Query.Group == UsageGroup.None)
        {
            return [Series("All", 1, result.Total.Points, measure)];
        }

        var group = result.Query.Group;
        var shown = result.Groups.Where(series => series.Kind == UsageSeriesKind.Named).OrderByDescending(series => measure(series.Sums)).Take(MaxSeries).ToList();
        var all = shown.Select((series, index) => Series(names.Of(group, series), index + 1, series.Points, measure)).ToList();
        var others = result.Groups.Except(shown).ToList();
        if (others.Count > 0)
        {
            all.Add(new("Other", 0, [.. Enumerable.Range(0, result.Starts.Count).Select(point => others.Sum(series => measure(series.Points[point])))]));
        }

        return all;
    }
}
