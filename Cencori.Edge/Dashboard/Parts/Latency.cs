using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Formats percentiles of latencies.</summary>
public static class Latency
{
    /// <summary>Formats the percentile <paramref name="rank"/> (0 to 1); a dash when there are no measurements.</summary>
    public static string Of(LatencyHistogram histogram, double rank) => histogram.Count == 0 ? "–" : Numbers.Duration(TimeSpan.FromMicroseconds(histogram.Percentile(rank)));
}
