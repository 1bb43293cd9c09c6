using System.Threading.RateLimiting;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// One request's reservation in its project's limits. The reservation takes one request and the tokens at once, and holds a
/// concurrency slot until disposal. A refused reservation holds nothing.
/// </summary>
/// <remarks>Safe for use from several threads. Disposal takes effect once, however often it is called.</remarks>
public abstract class RateLimitReservation(RateLimitDecision decision) : RateLimitLease
{
    private const long Unsettled = -1;

    private static readonly string[] Names =
    [
        MetadataName.RetryAfter.Name,
        RateLimitMetadata.Requests.Name,
        RateLimitMetadata.Tokens.Name,
        RateLimitMetadata.RefusedBy.Name,
    ];

    private long _actualTokens = Unsettled;
    private int _disposed;
    private bool _isCancelled;

    public sealed override bool IsAcquired => RefusedBy is null;

    /// <summary>The request bucket; null when requests are unlimited.</summary>
    public RateLimitStatus? Requests { get; } = decision.Requests;

    /// <summary>The token bucket, with this reservation taken from it; null when tokens are unlimited.</summary>
    public RateLimitStatus? Tokens { get; } = decision.Tokens;

    /// <summary>The <see cref="LimitName"/> of the limit with the longest wait; null when acquired.</summary>
    public string? RefusedBy { get; } = decision.Refusal.By;

    /// <summary>
    /// Time after which the same cost is admitted if no other request comes (for concurrency a guess of 1 s). Null if acquired,
    /// or if the cost exceeds the capacity of a bucket, because a retry cannot help.
    /// </summary>
    public TimeSpan? RetryAfter { get; } = decision.Refusal.RetryAfter;

    public sealed override IEnumerable<string> MetadataNames => Names;

    /// <summary>
    /// Records the tokens really used. Disposal then returns the unused part of the reservation, or takes the excess,
    /// below zero if needed. Only the last call before disposal has an effect. Without a call, everything reserved counts as used.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="actualTokens"/> is negative.</exception>
    public void Settle(long actualTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actualTokens);
        Volatile.Write(ref _actualTokens, actualTokens);
    }

    /// <summary>Cancels the reservation because the request is not made: returns everything. Replaces disposal.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        Dispose();
    }

    public sealed override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        if (metadataName == MetadataName.RetryAfter.Name)
        {
            metadata = RetryAfter;
        }
        else if (metadataName == RateLimitMetadata.Requests.Name)
        {
            metadata = Requests;
        }
        else if (metadataName == RateLimitMetadata.Tokens.Name)
        {
            metadata = Tokens;
        }
        else if (metadataName == RateLimitMetadata.RefusedBy.Name)
        {
            metadata = RefusedBy;
        }

        return metadata is not null;
    }

    /// <summary>Called at most once: frees the concurrency slot and settles the tokens really used. Must not block and must not throw.</summary>
    /// <param name="actualTokens">Tokens really used. Null: the whole reservation counts as used.</param>
    /// <param name="isCancelled">Whether the request permit is returned, too.</param>
    protected abstract void Release(long? actualTokens, bool isCancelled);

    protected sealed override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            var actual = Volatile.Read(ref _actualTokens);
            Release(_isCancelled ? 0 : actual == Unsettled ? null : actual, _isCancelled);
        }

        base.Dispose(disposing);
    }
}
