using System.Globalization;
using System.Text;
using Cencori.Edge.Admin;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>Writes the numbers of the usage page as CSV: one row per point and group, with all digits. The rows add up to the total.</summary>
internal static class UsageCsv
{
    private const string Header =
        "start,step,group,name,requests,success,cancelled,filtered,error,rate_limited,prompt_tokens,cached_tokens,completion_tokens,cost_usd,unpriced_requests,"
        + "latency_p50_us,latency_p95_us,latency_p99_us,first_byte_p50_us,first_byte_p95_us,first_byte_p99_us\r\n";

    public static string Write(UsageResult result, UsageNames names)
    {
        var text = new StringBuilder(Header);
        var (step, group) = (result.Step.ToString().ToLowerInvariant(), result.Query.Group);
        var parts = group == UsageGroup.None ? [result.Total] : result.Groups;
        foreach (var part in parts)
        {
            var (id, name) = group == UsageGroup.None ? ("", "") : part.Kind == UsageSeriesKind.Named ? (part.Name, names.Of(group, part)) : ("", names.Of(group, part));
            for (var point = 0; point < result.Starts.Count; point++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{result.Starts[point]:yyyy-MM-ddTHH:mm:ssZ},{step},{CsvText.Field(id)},{CsvText.Field(name)}");
                Append(text, part.Points[point]);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, UsageSums sums)
    {
        text.Append(CultureInfo.InvariantCulture, $",{sums.Requests},{sums.Success},{sums.Cancelled},{sums.Filtered},{sums.Errors},{sums.RateLimited},{sums.PromptTokens},{sums.CachedTokens},{sums.CompletionTokens}")
            .Append(CultureInfo.InvariantCulture, $",{sums.CostUsd:0.############},{sums.Unpriced}");
        foreach (var histogram in (ReadOnlySpan<LatencyHistogram>)[sums.Latencies, sums.FirstBytes])
        {
            foreach (var rank in (ReadOnlySpan<double>)[0.5, 0.95, 0.99])
            {
                text.Append(',');
                if (histogram.Count > 0)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{histogram.Percentile(rank)}");
                }
            }
        }

        text.Append("\r\n");
    }
}
