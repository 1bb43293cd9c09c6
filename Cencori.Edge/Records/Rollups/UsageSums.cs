using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Rollups;

/// <summary>Sums over requests. Not thread-safe.</summary>
/// <remarks>
/// Every request counts in exactly one of the five outcome counters. A shadow request (a copy of a request, sent to another model) counts in none: only its
/// tokens and cost are added. Latencies are added only for complete responses, because refusals and aborted requests end early, and a WebSocket lasts as long as
/// its caller likes.
/// </remarks>
public sealed class UsageSums
{
    public long Requests => Success + Errors + Filtered + RateLimited + Cancelled;

    public long Success { get; set; }

    public long Errors { get; set; }

    public long Filtered { get; set; }

    public long RateLimited { get; set; }

    public long Cancelled { get; set; }

    public long PromptTokens { get; set; }

    public long CachedTokens { get; set; }

    public long CompletionTokens { get; set; }

    public long Picodollars { get; set; }

    /// <summary>Number of requests whose usage has no price.</summary>
    public long Unpriced { get; set; }

    /// <summary>Sum of the latencies that <see cref="Latencies"/> counts.</summary>
    public long LatencyMicroseconds { get; set; }

    /// <summary>The SQL expression of the latency of a record <c>r</c>. Null: the request was a WebSocket.</summary>
    internal static string LatencyColumn => $"CASE WHEN r.\"Status\" <> {StatusCodes.Status101SwitchingProtocols} THEN r.\"DurationMicroseconds\" END";

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Times to the first byte of complete streams. Other responses are not counted, because their first byte arrives together with the last.</summary>
    public LatencyHistogram FirstBytes { get; } = new();

    /// <summary>Cost in US dollars, without the requests in <see cref="Unpriced"/>.</summary>
    public decimal CostUsd => Storage.Picodollars.ToUsd(Picodollars);

    /// <summary>For <see cref="RollupCache"/>: number of the batch that last changed the row.</summary>
    internal long Change { get; set; }

    /// <summary>For <see cref="RollupCache"/>: number of the batch that created the row.</summary>
    internal long Part { get; init; }

    public void Add(RequestRecord record) => Add(
        record.Outcome,
        record.PromptTokens,
        record.CachedTokens,
        record.CompletionTokens,
        record.Picodollars,
        record.Status == StatusCodes.Status101SwitchingProtocols ? null : record.DurationMicroseconds,
        record.IsStream ? record.FirstByteMicroseconds : null);

    /// <summary>Adds one request. <paramref name="latencyMicroseconds"/> is null for a WebSocket, <paramref name="firstByteMicroseconds"/> when the response was not a
    /// stream.</summary>
    public void Add(
        RequestOutcome outcome, long promptTokens, long cachedTokens, long completionTokens, long? picodollars, long? latencyMicroseconds, long? firstByteMicroseconds)
    {
        switch (outcome)
        {
            case RequestOutcome.Success or RequestOutcome.SuccessFallback:
                Success++;
                if (latencyMicroseconds is { } latency)
                {
                    LatencyMicroseconds += latency;
                    Latencies.Add(latency);
                }

                if (firstByteMicroseconds is { } firstByte)
                {
                    FirstBytes.Add(firstByte);
                }

                break;
            case RequestOutcome.Filtered:
                Filtered++;
                break;
            case RequestOutcome.RateLimited:
                RateLimited++;
                break;
            case RequestOutcome.Cancelled:
                Cancelled++;
                break;
            case RequestOutcome.Shadow:
                break;
            default:
                Errors++;
                break;
        }

        PromptTokens += promptTokens;
        CachedTokens += cachedTokens;
        CompletionTokens += completionTokens;
        Picodollars = Storage.Picodollars.Add(Picodollars, picodollars ?? 0);
        if (picodollars is null && (outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback || promptTokens + completionTokens > 0))
        {
            Unpriced++;
        }
    }

    public void Add(UsageSums other)
    {
        AddCounters(other, share: 1);
        Latencies.Add(other.Latencies);
        FirstBytes.Add(other.FirstBytes);
    }

    /// <summary>Adds a share of other sums, as if their requests were evenly distributed over the period.</summary>
    /// <param name="other">The other sums.</param>
    /// <param name="share">0 to 1.</param>
    public void Add(UsageSums other, double share)
    {
        AddCounters(other, share);
        Latencies.Add(other.Latencies, share);
        FirstBytes.Add(other.FirstBytes, share);
    }

    private void AddCounters(UsageSums other, double share)
    {
        Success += Part(other.Success);
        Errors += Part(other.Errors);
        Filtered += Part(other.Filtered);
        RateLimited += Part(other.RateLimited);
        Cancelled += Part(other.Cancelled);
        PromptTokens += Part(other.PromptTokens);
        CachedTokens += Part(other.CachedTokens);
        CompletionTokens += Part(other.CompletionTokens);
        Picodollars = Storage.Picodollars.Add(Picodollars, Part(other.Picodollars));
        Unpriced += Part(other.Unpriced);
        LatencyMicroseconds += Part(other.LatencyMicroseconds);

        long Part(long count) => share == 1 ? count : (long)Math.Round(count * share);
    }
}
