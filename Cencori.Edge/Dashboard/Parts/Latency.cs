using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>How pages write percentiles.</summary>
public static class Latency
{
    /// <summary>A dash where nothing was measured.</summary>
    public static string Of(LatencyHistogram histogram, double rank) => histogram.Count == 0 ? "–" : Numbers.Duration(TimeSpan.FromMicroseconds(histogram.Percentile(rank)));
}
