using Cencori.Edge.RateLimiting.Redis;

namespace Cencori.Edge.RateLimiting;

/// <summary>If Redis keeps the balance, these buckets are a mirror: the state of the last reply, plus the refill since that reply.</summary>
internal sealed partial class ProjectBuckets
{
    /// <summary>Decides about a cost from the mirrored buckets. Takes nothing, and checks no slots.</summary>
    public RateLimitDecision Peek(in RateLimitCost cost, int permits)
    {
        lock (_lock)
        {
            Apply(cost.Limits, time.GetTimestamp());
            return new(_requests?.Status, _tokens?.Status, DecideOnBuckets(cost, permits));
        }
    }

    /// <summary>
    /// Copies Redis's decision and balance. An admitted request also takes a concurrency slot of this object, which <see cref="Release"/> frees.
    /// <paramref name="payer"/> receives the mirror of the token bucket that paid for the request. The mirror refills the balance from
    /// <paramref name="sentAt"/> on, the time when the call to Redis was sent. If the refill began at the
    /// arrival of a late reply, the mirror would miss the time between, and refuse requests that Redis would admit.
    /// </summary>
    public RateLimitDecision Adopt(in RateLimitCost cost, int permits, in RedisReply reply, long sentAt, out Bucket? payer)
    {
        lock (_lock)
        {
            Apply(cost.Limits, sentAt);
            payer = _tokens;
            _requests?.Adopt(reply.Requests, RedisScript.UnitsPerPermit, sentAt);
            _tokens?.Adopt(reply.Tokens, RedisScript.UnitsPerPermit, sentAt);
            if (reply.IsAdmitted)
            {
                CountAdmitted(permits);
                return new(_requests?.Status, _tokens?.Status, Refusal.None);
            }

            _refused += permits > 0 ? 1 : 0;
            var refusal = DecideOnBuckets(cost, permits);
            if (reply.Slots >= cost.Limits.ConcurrentRequests)
            {
                refusal = refusal.OrLonger(LimitName.Concurrency, ConcurrencyRetryAfter);
            }

            // Redis may refuse a request that the mirror would admit: Redis computes in doubles, so its balance may be slightly lower.
            // A retry after 1 ms is enough.
            return new(_requests?.Status, _tokens?.Status, refusal == Refusal.None ? new(LimitName.Requests, TimeSpan.FromMilliseconds(1)) : refusal);
        }
    }

    /// <summary>Returns tokens to the token bucket of the mirror, or takes them if the number is negative. A later call reports this to Redis.</summary>
    public void Expect(long tokens)
    {
        lock (_lock)
        {
            _tokens?.Return(tokens);
        }
    }

    /// <summary>Returns the permits of cancelled requests to the mirror. A later call reports the cancelled requests to Redis.</summary>
    public void ExpectRequests(long requests)
    {
        lock (_lock)
        {
            _requests?.Return(requests);
        }
    }

    /// <summary>Takes a concurrency slot for a request that is admitted without checking any limit. <see cref="Release"/> frees the slot.</summary>
    /// <param name="permits">0: takes no slot.</param>
    public void Admit(int permits)
    {
        lock (_lock)
        {
            CountAdmitted(permits);
        }
    }

    /// <summary>The levels in units of <see cref="RedisScript"/>. Null: the bucket is unlimited, or was never used.</summary>
    public (Int128? Requests, Int128? Tokens) Levels()
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _requests?.Refill(now);
            _tokens?.Refill(now);
            return (_requests?.Level(RedisScript.UnitsPerPermit), _tokens?.Level(RedisScript.UnitsPerPermit));
        }
    }

    private void CountAdmitted(int permits)
    {
        if (permits > 0)
        {
            _slots++;
            _acquired++;
        }
    }
}
