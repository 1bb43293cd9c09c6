using System.Threading.RateLimiting;
using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>The request bucket, the token bucket and the concurrency slots of one project. One lock guards all of them.</summary>
internal sealed partial class ProjectBuckets(TimeProvider time)
{
    // The retry time of a refusal by the concurrency limit. The end of a running request is unknown, so this is a guess.
    private static readonly TimeSpan ConcurrencyRetryAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Bucket? _requests;
    private Bucket? _tokens;
    private long _slots;
    private long _acquired;
    private long _refused;
    private bool _retired;

    /// <summary>
    /// Takes a cost from all limits, or from none. 0 permits decide as 1 would, but take no permit, no tokens and no slot. Null:
    /// these buckets are retired, and the caller must look up the project's buckets again.
    /// </summary>
    public RateLimitReservation? TryAcquire(in RateLimitCost cost, int permits)
    {
        lock (_lock)
        {
            if (_retired)
            {
                return null;
            }

            var decision = Take(cost, permits, out var payer);
            return new MemoryReservation(decision, permits > 0 && decision.Refusal == Refusal.None ? this : null, payer, cost.Tokens, permits);
        }
    }

    /// <summary>Decides as <see cref="TryAcquire"/> does, for callers that create their own reservation.</summary>
    public RateLimitDecision Take(in RateLimitCost cost, int permits, out Bucket? payer)
    {
        lock (_lock)
        {
            Apply(cost.Limits, time.GetTimestamp());
            payer = _tokens;

            var refusal = DecideOnBuckets(cost, permits);
            if (_slots >= cost.Limits.ConcurrentRequests)
            {
                refusal = refusal.OrLonger(LimitName.Concurrency, ConcurrencyRetryAfter);
            }

            if (permits > 0 && refusal == Refusal.None)
            {
                _requests?.Take(permits);
                _tokens?.Take(cost.Tokens);
                _slots++;
                _acquired++;
            }
            else if (permits > 0)
            {
                _refused++;
            }

            return new(_requests?.Status, _tokens?.Status, refusal);
        }
    }

    /// <summary>
    /// Ends a reservation. <paramref name="tokens"/> is the bucket that paid. If the token limit was removed and set again meanwhile,
    /// the project has another bucket, which must not receive what the old one paid.
    /// </summary>
    public void Release(Bucket? tokens, long reserved, long actual, long requests = 0)
    {
        lock (_lock)
        {
            _slots--;
            if (requests > 0)
            {
                _requests?.Refill(time.GetTimestamp());
                _requests?.Return(requests);
            }

            if (actual < reserved)
            {
                tokens?.Refill(time.GetTimestamp());
                tokens?.Return(reserved - actual);
            }
            else if (actual > reserved)
            {
                tokens?.Refill(time.GetTimestamp());
                tokens?.Take(actual - reserved);
            }
        }
    }

    /// <summary>Retires this object if no slot is held and both buckets are full: a new object would be in the same state.
    /// Afterwards every acquire on this object fails.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _requests?.Refill(now);
            _tokens?.Refill(now);
            _retired = _slots == 0 && _requests is null or { IsFull: true } && _tokens is null or { IsFull: true };
            return _retired;
        }
    }

    public RateLimiterStatistics Statistics()
    {
        lock (_lock)
        {
            _requests?.Refill(time.GetTimestamp());
            return new RateLimiterStatistics
            {
                CurrentAvailablePermits = _requests?.Status.Remaining ?? long.MaxValue,
                TotalSuccessfulLeases = _acquired,
                TotalFailedLeases = _refused,
            };
        }
    }

    /// <summary>The state under these limits. Changes nothing, even if the limits differ from the current ones.</summary>
    public LimitLevels ReadLevels(RateLimits limits, LimitStore store)
    {
        var copy = new ProjectBuckets(time);
        lock (_lock)
        {
            (copy._requests, copy._tokens, copy._slots) = (_requests?.Copy(), _tokens?.Copy(), _slots);
        }

        copy.Apply(limits, time.GetTimestamp());
        return new(copy._requests?.CurrentLevel, copy._tokens?.CurrentLevel, copy._slots, store);
    }

    private void Apply(RateLimits limits, long now)
    {
        Apply(ref _requests, limits.Burst ?? limits.RequestsPerMinute, limits.RequestsPerMinute, now);
        Apply(ref _tokens, limits.TokensPerMinute, limits.TokensPerMinute, now);
    }

    private void Apply(ref Bucket? bucket, long? capacity, long? perMinute, long now)
    {
        if (capacity is not { } holds || perMinute is not { } refills)
        {
            bucket = null;
        }
        else if (bucket is null)
        {
            bucket = new Bucket(holds, refills, time.TimestampFrequency, now);
        }
        else
        {
            // The time before the change of limits refills at the old rate.
            bucket.Refill(now);
            bucket.Resize(holds, refills);
        }
    }

    // 0 permits are checked as 1 would be.
    private Refusal DecideOnBuckets(in RateLimitCost cost, int permits)
    {
        var refusal = Refusal.None;
        if (_requests is not null)
        {
            refusal = refusal.OrLonger(LimitName.Requests, _requests.TimeUntilCovers(Math.Max(permits, 1)));
        }

        return _tokens is null ? refusal : refusal.OrLonger(LimitName.Tokens, _tokens.TimeUntilCovers(cost.Tokens));
    }

    private sealed class MemoryReservation(
        RateLimitDecision decision, ProjectBuckets? holder, Bucket? tokens, long reserved, int permits)
        : RateLimitReservation(decision)
    {
        protected override void Release(long? actualTokens, bool isCancelled) =>
            holder?.Release(tokens, reserved, actualTokens ?? reserved, isCancelled ? permits : 0);
    }
}
