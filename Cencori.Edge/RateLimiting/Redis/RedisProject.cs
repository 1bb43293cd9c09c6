using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>Decides about the requests of one project through Redis, and mirrors the project's balance on this edge.</summary>
internal sealed partial class RedisProject : IRedisParticipant<RedisCall>
{
    /// <summary>How long after a call to Redis the mirror may refuse requests.
    /// The mirror's balance is below that of Redis only by tokens that other edges returned.</summary>
    private static readonly TimeSpan RefusalMemory = TimeSpan.FromMilliseconds(250);

    // Clocks drift, so the mirror refuses no request whose retry time is this short. Redis decides.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMilliseconds(5);

    private readonly RedisLimits _redis;
    private readonly RedisKey[] _key;
    private readonly Lock _lock = new();
    private readonly CallCoalescer<RedisCall> _calls;
    private readonly ProjectBuckets _mirror;
    private readonly Queue<PendingAcquire> _waiting = new();
    private readonly List<Unused> _unused = [];
    private IReadOnlyList<Report> _unacknowledged = [];
    private UnreportedUsage _unreported = new();
    private long _unusedRequests;
    private RateLimits? _limits;
    private long _running;
    private LastBalance? _lastBalance;
    private bool _mustRenew;
    private bool _retired;
    private long _acknowledged;

    // The slots that this edge holds in Redis. Null: unknown, because a call was lost.
    private long? _slotsInRedis = 0;

    public RedisProject(RedisLimits redis, string id)
    {
        Id = id;
        _redis = redis;
        _key = [RedisLimits.KeyOf(id)];
        _calls = redis.CallsOf(this, _lock, id);
        _mirror = new ProjectBuckets(redis.Time);

        // All calls of an earlier object for this project had replies before that object retired.
        _acknowledged = redis.LastCall;
    }

    public string Id { get; }

    /// <summary>Whether nothing is left to report to Redis, and no call is running.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return !_calls.IsCalling && !HasPendingChanges;
            }
        }
    }

    /// <summary>The state of the limits according to this edge's mirror, for the time without Redis.</summary>
    public LimitLevels ReadLevels(RateLimits limits) => _mirror.ReadLevels(limits, _redis.Mode switch
    {
        RedisFailureMode.Allow => LimitStore.Allow,
        RedisFailureMode.Deny => LimitStore.Deny,
        _ => LimitStore.Local,
    });

    public RateLimiterStatistics Statistics() => _mirror.Statistics();

    /// <summary>Starts to acquire a lease. False: this object is retired, and the caller must look up the project again.</summary>
    public bool TryAcquire(in RateLimitCost cost, int permits, out ValueTask<RateLimitLease> lease)
    {
        RedisCall? call;
        lock (_lock)
        {
            lease = default;
            if (_retired)
            {
                return false;
            }

            if (!_redis.Availability.IsAvailable)
            {
                lease = new(DecideLocally(cost, permits));
                return true;
            }

            if (TryDecideFromMirror(cost, permits) is { } known)
            {
                lease = new(known);
                return true;
            }

            _limits = cost.Limits;
            var pending = new PendingAcquire(cost, permits);
            _waiting.Enqueue(pending);
            lease = new(pending.Task);
            call = _calls.Begin();
        }

        _calls.Run(call);
        return true;
    }

    /// <summary>Refuses without Redis if the refusal is final, or the mirror is recent and has the same limits. Null: Redis must decide. Takes nothing.</summary>
    public RateLimitReservation? Peek(in RateLimitCost cost, int permits)
    {
        lock (_lock)
        {
            var decision = _mirror.Peek(cost, permits);
            var isCertain = decision.Refusal is { By: not null, RetryAfter: null };
            if (isCertain)
            {
                return Refused(decision);
            }

            // The mirror refills from the start of the call, but Redis may have executed the call only at its end. So the mirror may be ahead by the call's duration.
            return decision.Refusal.RetryAfter > ClockSkew && _lastBalance is { } last && last.Limits == cost.Limits && _redis.Time.GetElapsedTime(last.SentAt) < RefusalMemory
                ? Refused(decision with { Refusal = decision.Refusal with { RetryAfter = decision.Refusal.RetryAfter + last.Duration } })
                : null;
        }
    }

    public void End(RedisReservation reservation, long actualTokens, bool isCancelled)
    {
        RedisCall? call;
        lock (_lock)
        {
            _running--;
            var requests = isCancelled ? 1 : 0;
            _mirror.Release(reservation.Payer, reservation.Reserved, actualTokens, requests);
            if (reservation.Unreported == _unreported)
            {
                _unreported.Tokens = Math.Max(0, _unreported.Tokens - (reservation.Reserved - actualTokens));
                _unreported.Requests = Math.Max(0, _unreported.Requests - requests);
            }
            else if (reservation.IsInRedis || reservation.Unreported is not null)
            {
                _unusedRequests += requests;
            }

            if (reservation.PayerId != 0 && reservation.Reserved != actualTokens)
            {
                AddUnused(reservation.PayerId, reservation.Reserved - actualTokens);
            }

            call = _calls.Begin();
        }

        _calls.Run(call);
    }

    /// <summary>Renews the slots of running requests: regularly, and when Redis is back and may have lost its data.</summary>
    /// <returns>True: a call was started.</returns>
    public bool Renew()
    {
        RedisCall? call;
        lock (_lock)
        {
            // Renews under token limits, too: the hash in Redis must not expire before the requests settle with the bucket that paid.
            _mustRenew = _running > 0 && _limits is { ConcurrentRequests: not null } or { TokensPerMinute: not null };
            call = _calls.Begin();
        }

        _calls.Run(call);
        return call is not null;
    }

    /// <summary>Retires this object if it is in the state in which a new object would be. Afterwards every acquire on this object fails.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            _retired = !_calls.IsCalling && _waiting.Count == 0 && !HasPendingChanges && _running == 0 && _mirror.TryRetire();
            return _retired;
        }
    }

    private static RedisReservation Refused(RateLimitDecision decision) => new(decision, null, 0, null, 0);

    private RedisReservation? TryDecideFromMirror(in RateLimitCost cost, int permits)
    {
        if (cost.Limits is { RequestsPerMinute: null, TokensPerMinute: null, ConcurrentRequests: null })
        {
            _limits = cost.Limits;
            return Begin(_mirror.Take(cost, permits, out var payer), cost, permits, payer);
        }

        return (RedisReservation?)Peek(cost, permits);
    }

    private RedisReservation DecideLocally(in RateLimitCost cost, int permits)
    {
        _limits = cost.Limits;
        switch (_redis.Mode)
        {
            case RedisFailureMode.Allow:
                _mirror.Admit(permits);
                return Begin(default, cost, permits, payer: null);
            case RedisFailureMode.Deny:
                return Refused(new(null, null, new(LimitName.Unavailable, RedisAvailability.ProbeInterval)));
            default:
                var decision = _mirror.Take(cost, permits, out var payer);
                if (decision.Refusal != Refusal.None)
                {
                    return Refused(decision);
                }

                _unreported.Requests += permits;
                _unreported.Tokens += permits > 0 ? cost.Tokens : 0;
                return Begin(decision, cost, permits, payer, _unreported);
        }
    }

    // Creates the reservation of a request that was admitted without Redis.
    private RedisReservation Begin(RateLimitDecision decision, in RateLimitCost cost, int permits, Bucket? payer, UnreportedUsage? unreported = null) =>
        Begin(new RedisReservation(decision, permits > 0 ? this : null, cost.Tokens, payer, payerId: 0) { Unreported = unreported }, permits);

    private RedisReservation Begin(RedisReservation reservation, int permits)
    {
        if (permits > 0)
        {
            _running++;
        }

        return reservation;
    }

    private void AddUnused(long payerId, long tokens)
    {
        if (_unused is [.., var last] && last.PayerId == payerId)
        {
            _unused[^1] = last with { Tokens = last.Tokens + tokens };
        }
        else
        {
            _unused.Add(new(payerId, tokens));
        }
    }

    // The last call whose reply had a balance.
    private readonly record struct LastBalance(long SentAt, TimeSpan Duration, RateLimits Limits);

    // Reserved tokens that requests did not use; negative: tokens that they used beyond the reservation.
    private readonly record struct Unused(long PayerId, long Tokens);
}
