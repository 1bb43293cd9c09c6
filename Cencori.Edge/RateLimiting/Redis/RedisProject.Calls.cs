using Cencori.Edge.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>Calls to Redis and their replies.</summary>
internal sealed partial class RedisProject
{
    // Redis counts running requests only under a concurrency limit. Once the project has such a limit, requests that began earlier count, too.
    private long Slots => _limits?.ConcurrentRequests is null ? 0 : _running;

    // Call under the lock.
    private bool HasPendingChanges => !_unreported.IsEmpty || _unused.Count > 0 || _unusedRequests > 0 || _unacknowledged.Count > 0 || Slots != _slotsInRedis;

    RedisCall? IRedisParticipant<RedisCall>.NextCall()
    {
        if (_waiting.Count == 0 && !_mustRenew && !HasPendingChanges)
        {
            return null;
        }

        _mustRenew = false;
        var number = _redis.NextCall();
        return new RedisCall(number, _acknowledged, Slots, TakeReports(number), TakeAcquires());
    }

    Task<long[]> IRedisParticipant<RedisCall>.SendAsync(RedisCall call) => _redis.EvaluateAsync(_key, call, _mirror.Levels());

    private IReadOnlyList<Report> TakeReports(long number)
    {
        if (_unreported.IsEmpty && _unused.Count == 0 && _unusedRequests == 0)
        {
            return _unacknowledged;
        }

        var reports = new List<Report>(_unacknowledged);
        if (!_unreported.IsEmpty)
        {
            reports.Add(new(number, _unreported.Requests, _unreported.Tokens, 0, 0));
            _unreported = new UnreportedUsage();
        }

        if (_unusedRequests > 0)
        {
            reports.Add(new(number, 0, 0, 0, 0) { UnusedRequests = _unusedRequests });
            _unusedRequests = 0;
        }

        foreach (var (payerId, tokens) in _unused)
        {
            reports.Add(new(number, 0, 0, payerId, tokens));
        }

        _unused.Clear();
        return reports;
    }

    // Takes only acquires with the same limits. After a change of limits, the others go into the next call.
    private List<PendingAcquire> TakeAcquires()
    {
        var acquires = new List<PendingAcquire>(Math.Min(_waiting.Count, RedisCall.MaxParts));
        while (acquires.Count < RedisCall.MaxParts && _waiting.TryPeek(out var next) && (acquires.Count == 0 || acquires[0].IsCompatibleWith(next)))
        {
            acquires.Add(_waiting.Dequeue());
        }

        return acquires;
    }

    Task? IRedisParticipant<RedisCall>.Take(RedisCall call, long[] reply, long sentAt)
    {
        _acknowledged = call.Number;
        _unacknowledged = [];
        _slotsInRedis = call.SlotsAfter(reply);
        foreach (var (acquire, decided) in call.Acquires.Zip(call.Replies(reply)))
        {
            var decision = _mirror.Adopt(acquire.Cost, acquire.Permits, decided, sentAt, out var payer);
            if (!decided.IsAdmitted)
            {
                acquire.SetResult(Refused(decision));
                continue;
            }

            var payerId = acquire.Cost.Limits.TokensPerMinute is null ? 0 : reply[0];
            acquire.SetResult(Begin(new RedisReservation(decision, acquire.Permits > 0 ? this : null, acquire.Cost.Tokens, payer, payerId) { IsInRedis = true }, acquire.Permits));
        }

        if (call.Acquires.Count > 0)
        {
            _lastBalance = new(sentAt, _redis.Time.GetElapsedTime(sentAt), call.Acquires[0].Cost.Limits);
            ExpectUnused(reply[0]);
        }

        return null;
    }

    void IRedisParticipant<RedisCall>.Abandon(RedisCall call)
    {
        _slotsInRedis = null;

        // Bounded: Redis may lose every call and still reply to every probe, and the reports must not grow without bound.
        _unacknowledged = [.. call.Reports.TakeLast(RedisCall.MaxParts)];

        // A malformed reply may have decided some acquires already.
        foreach (var acquire in call.Acquires.Where(acquire => !acquire.Task.IsCompleted))
        {
            acquire.SetResult(DecideLocally(acquire.Cost, acquire.Permits));
        }
    }

    void IRedisParticipant<RedisCall>.DecideWaitingLocally()
    {
        while (_waiting.TryDequeue(out var acquire))
        {
            acquire.SetResult(DecideLocally(acquire.Cost, acquire.Permits));
        }
    }

    // The balance in the reply lacks the usage of requests that ended during the call. The next call reports that usage.
    private void ExpectUnused(long payerId)
    {
        _mirror.ExpectRequests(_unusedRequests);
        foreach (var unused in _unused)
        {
            if (unused.PayerId == payerId)
            {
                _mirror.Expect(unused.Tokens);
            }
        }
    }
}
