using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>Writes the response of <c>/v1/metrics</c>. Clients parse its JSON objects into strict classes, so each object always has exactly these members.</summary>
/// <remarks>
/// Every request counts as a success, an error or filtered; the three numbers add up to the total. A request that the caller cancelled counts as a success:
/// neither edge nor provider failed, and its usage is in the sums. A request that the project's limits refused counts as an
/// error, because its caller got an error.
/// </remarks>
public static class MetricsResponse
{
    public static ReadOnlyMemory<byte> Format(MetricsPeriod period, IReadOnlyDictionary<(string Provider, string Model), UsageSums> used)
    {
        var all = new UsageSums();
        foreach (var sums in used.Values)
        {
            all.Add(sums);
        }

        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("period", period.Name);
        json.WriteString("start_date", Iso(period.Start));
        json.WriteString("end_date", Iso(period.End));
        WriteRequests(json, all);
        WriteCost(json, all);

        // Number of requests with unknown cost. The cost above counts each of these requests as 0.
        json.WriteNumber("unpriced", all.Unpriced);
        WriteTokens(json, all);
        WriteLatency(json, all);
        WriteMap(json, "providers", used.GroupBy(pair => pair.Key.Provider, pair => pair.Value));
        WriteMap(json, "models", used.GroupBy(pair => pair.Key.Model, pair => pair.Value));
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static void WriteRequests(Utf8JsonWriter json, UsageSums all)
    {
        var success = all.Success + all.Cancelled;
        json.WriteStartObject("requests");
        json.WriteNumber("total", all.Requests);
        json.WriteNumber("success", success);
        json.WriteNumber("error", all.Errors + all.RateLimited);
        json.WriteNumber("filtered", all.Filtered);
        json.WriteNumber("success_rate", Fixed(all.Requests == 0 ? 0 : 100m * success / all.Requests, 2));
        json.WriteEndObject();
    }

    private static void WriteCost(Utf8JsonWriter json, UsageSums all)
    {
        var usd = Picodollars.ToUsd(all.Picodollars);
        json.WriteStartObject("cost");
        json.WriteNumber("total_usd", Fixed(usd, 4));
        json.WriteNumber("average_per_request_usd", Fixed(all.Requests == 0 ? 0 : usd / all.Requests, 6));
        json.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter json, UsageSums all)
    {
        json.WriteStartObject("tokens");
        json.WriteNumber("prompt", all.PromptTokens);
        json.WriteNumber("completion", all.CompletionTokens);
        json.WriteNumber("total", all.PromptTokens + all.CompletionTokens);
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, UsageSums all)
    {
        var latencies = all.Latencies;
        json.WriteStartObject("latency");
        json.WriteNumber("avg_ms", Milliseconds(latencies.Count == 0 ? 0 : all.LatencyMicroseconds / latencies.Count));
        json.WriteNumber("p50_ms", Milliseconds(latencies.Percentile(0.50)));
        json.WriteNumber("p90_ms", Milliseconds(latencies.Percentile(0.90)));
        json.WriteNumber("p99_ms", Milliseconds(latencies.Percentile(0.99)));
        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IEnumerable<IGrouping<string, UsageSums>> groups)
    {
        json.WriteStartObject(name);

        // A request that was refused before routing has neither provider nor model.
        foreach (var group in groups.Where(group => group.Key.Length > 0).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(group.Key);
            json.WriteNumber("requests", group.Sum(sums => sums.Requests));
            json.WriteNumber("cost_usd", Fixed(group.Sum(sums => Picodollars.ToUsd(sums.Picodollars)), 4));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static long Milliseconds(long microseconds) => (long)Math.Round(microseconds / 1000.0);

    // Always writes the same number of decimals, even zeros, so that a typed client never parses the value as an integer.
    private static decimal Fixed(decimal value, int decimals) => decimal.Round(value, decimals) + new decimal(0, 0, 0, false, (byte)decimals);
}
