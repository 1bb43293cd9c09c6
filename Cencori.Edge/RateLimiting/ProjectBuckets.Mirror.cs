namespace Cencori.Edge.RateLimiting;

/// <summary>If Redis keeps the balance, this edge mirrors it: the state of the last reply plus the refill since.</summary>
internal sealed partial class ProjectBuckets
{
    /// <summary>Decides about a cost from the mirror. Takes nothing, and knows only the slots of this edge.</summary>
    public RateLimitDecision Peek(in RateLimitCost cost, int permits)
    {
        lock (_lock)
        {
            Apply(cost.Limits, time.GetTimestamp());
            return new(_requests?.Status, _tokens?.Status, DecideOnBuckets(cost, permits));
        }
    }

    /// <summary>
    /// Copies Redis's decision and balance. An admitted cost holds a slot here from now on. <paramref name="payer"/> is the mirror of
    /// the token bucket that paid. The balance is dated when the call was sent: dated at a late reply, the mirror
    /// would miss the refill in between, and refuse requests that Redis would admit.
    /// </summary>
    public RateLimitDecision Adopt(in RateLimitCost cost, int permits, in RedisReply reply, long askedAt, out Bucket? payer)
    {
        lock (_lock)
        {
            Apply(cost.Limits, askedAt);
            payer = _tokens;
            _requests?.Adopt(reply.Requests, RedisScript.UnitsPerPermit, askedAt);
            _tokens?.Adopt(reply.Tokens, RedisScript.UnitsPerPermit, askedAt);
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

            // Redis computes in doubles, and may see slightly less than the mirror.
            return new(_requests?.Status, _tokens?.Status, refusal == Refusal.None ? new(LimitName.Requests, TimeSpan.FromMilliseconds(1)) : refusal);
        }
    }

    /// <summary>Books tokens that a later call reports to Redis: returned if positive, taken if negative.</summary>
    public void Expect(long tokens)
    {
        lock (_lock)
        {
            _tokens?.Return(tokens);
        }
    }

    /// <summary>Books cancelled requests that a later call reports to Redis.</summary>
    public void ExpectRequests(long requests)
    {
        lock (_lock)
        {
            _requests?.Return(requests);
        }
    }

    /// <summary>Counts an admission that no limit decided. Holds a slot.</summary>
    public void Admit(int permits)
    {
        lock (_lock)
        {
            CountAdmitted(permits);
        }
    }

    /// <summary>The levels in units of <see cref="RedisScript"/>. Null: unlimited, or never used.</summary>
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
