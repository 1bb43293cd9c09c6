namespace Cencori.Edge.RateLimiting;

/// <summary>Where Redis keeps the balance, this edge has a mirror of it: as of its last reply, and refilled since.</summary>
internal sealed partial class ProjectBuckets
{
    /// <summary>What the limits would say to a cost now. Takes nothing, and knows of no slots but this edge's.</summary>
    public RateLimitDecision Peek(in RateLimitCost cost, int permits)
    {
        lock (_lock)
        {
            Apply(cost.Limits, time.GetTimestamp());
            return new(_requests?.Status, _tokens?.Status, DecideOnBuckets(cost, permits));
        }
    }

    /// <summary>
    /// Takes over what Redis decided and how its balance stands since. An admitted cost holds a slot here from now on;
    /// <paramref name="payer"/> is the mirror of the token bucket that paid. The balance is dated from when Redis was asked:
    /// dated from a late reply it would lack what has been refilled since, and refuse what Redis would admit.
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

            // Redis counts in doubles, and may see a hair less than there is.
            return new(_requests?.Status, _tokens?.Status, refusal == Refusal.None ? new(LimitName.Requests, TimeSpan.FromMilliseconds(1)) : refusal);
        }
    }

    /// <summary>Tokens that Redis will be told of: given back, or taken where negative.</summary>
    public void Expect(long tokens)
    {
        lock (_lock)
        {
            _tokens?.Return(tokens);
        }
    }

    /// <summary>Requests that Redis will be told were not made.</summary>
    public void ExpectRequests(long requests)
    {
        lock (_lock)
        {
            _requests?.Return(requests);
        }
    }

    /// <summary>An acquire that no limit was asked about. Holds a slot.</summary>
    public void Admit(int permits)
    {
        lock (_lock)
        {
            CountAdmitted(permits);
        }
    }

    /// <summary>The levels as <see cref="RedisScript"/> counts them. Null: unlimited, or never used.</summary>
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
