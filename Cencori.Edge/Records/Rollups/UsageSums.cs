using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Rollups;

/// <summary>What requests add up to. Not thread-safe.</summary>
/// <remarks>
/// Every request is in exactly one of the five counters by outcome; a shadow is none, and only its tokens and cost are in the sums. Latencies are those of responses that reached the caller whole: a
/// refusal is quick and a request that was broken off is short, and neither says how fast the provider is.
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

    /// <summary>Requests that used something for which there is no price.</summary>
    public long Unpriced { get; set; }

    /// <summary>Sum of what is in <see cref="Latencies"/>.</summary>
    public long LatencyMicroseconds { get; set; }

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>From a request's arrival to the first byte of its response, of streams that reached their caller whole: in others that byte comes with the last.</summary>
    public LatencyHistogram FirstBytes { get; } = new();

    /// <summary>Without the requests in <see cref="Unpriced"/>.</summary>
    public decimal CostUsd => Storage.Picodollars.ToUsd(Picodollars);

    /// <summary>For <see cref="RollupCache"/>: with which of its calls it last became more.</summary>
    internal long Change { get; set; }

    /// <summary>For <see cref="RollupCache"/>: with which of its calls it began.</summary>
    internal long Part { get; init; }

    public void Add(RequestRecord record) => Add(
        record.Outcome,
        record.PromptTokens,
        record.CachedTokens,
        record.CompletionTokens,
        record.Picodollars,
        record.DurationMicroseconds,
        record.IsStream ? record.FirstByteMicroseconds : null);

    /// <summary>One request, told by what counts here; <paramref name="firstByteMicroseconds"/> is null where it was no stream.</summary>
    public void Add(
        RequestOutcome outcome, long promptTokens, long cachedTokens, long completionTokens, long? picodollars, long durationMicroseconds, long? firstByteMicroseconds)
    {
        switch (outcome)
        {
            case RequestOutcome.Success or RequestOutcome.SuccessFallback:
                Success++;
                LatencyMicroseconds += durationMicroseconds;
                Latencies.Add(durationMicroseconds);
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

    /// <summary>Adds a share of what others add up to, as if it had come evenly: <paramref name="share"/> is 0 to 1.</summary>
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
