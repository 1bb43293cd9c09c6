namespace Cencori.Edge.RateLimiting;

/// <summary>The calls, one after the other.</summary>
internal sealed partial class RedisProject
{
    // Running requests are counted in Redis only where somebody limits their number; those that began before are, from then on.
    private long Slots => _limits?.ConcurrentRequests is null ? 0 : _running;

    // Under the lock.
    private bool HasNews => !_alone.IsNothing || _unused.Count > 0 || _unanswered.Count > 0 || Slots != _slotsInRedis;

    // Under the lock. Null: a call is under way, or there is nothing to say, or nobody to say it to.
    private RedisCall? NextCall()
    {
        if (_isCalling)
        {
            return null;
        }

        if (!redis.Availability.IsAvailable)
        {
            // Another project may have lost it, with nothing wrong here: no call would come to answer them.
            DecideWaitingAlone();
            return null;
        }

        if (_waiting.Count == 0 && !_mustRenew && !HasNews)
        {
            return null;
        }

        _isCalling = true;
        _mustRenew = false;
        var number = redis.NextCall();
        return new RedisCall(number, _answered, Slots, TakeReports(number), TakeAcquires());
    }

    private IReadOnlyList<Report> TakeReports(long number)
    {
        if (_alone.IsNothing && _unused.Count == 0)
        {
            return _unanswered;
        }

        var reports = new List<Report>(_unanswered);
        if (!_alone.IsNothing)
        {
            reports.Add(new(number, _alone.Requests, _alone.Tokens, 0, 0));
            _alone = new SpentAlone();
        }

        foreach (var (payerId, tokens) in _unused)
        {
            reports.Add(new(number, 0, 0, payerId, tokens));
        }

        _unused.Clear();
        return reports;
    }

    // Whoever came after a change of limits waits for the next call.
    private List<PendingAcquire> TakeAcquires()
    {
        var acquires = new List<PendingAcquire>(Math.Min(_waiting.Count, RedisCall.MaxParts));
        while (acquires.Count < RedisCall.MaxParts && _waiting.TryPeek(out var next) && (acquires.Count == 0 || acquires[0].GoesWith(next)))
        {
            acquires.Add(_waiting.Dequeue());
        }

        return acquires;
    }

    private async Task RunAsync(RedisCall? call)
    {
        while (call is not null)
        {
            var askedAt = redis.Time.GetTimestamp();
            var calling = redis.EvaluateAsync(_key, call, _mirror.Levels());
            long[] answers;
            try
            {
                answers = await redis.WaitAsync(calling, redis.Timeout);
            }
            catch (Exception exception)
            {
                _ = ForgetAsync(calling);
                call = Fail(call, exception);
                continue;
            }

            call = Finish(call, answers, askedAt);
        }
    }

    // However it ends: that it failed for the requests has been reported.
    private static async Task ForgetAsync(Task calling) => await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private RedisCall? Finish(RedisCall call, long[] answers, long askedAt)
    {
        lock (_lock)
        {
            _isCalling = false;
            _answered = call.Number;
            _unanswered = [];
            _slotsInRedis = call.SlotsAfter(answers);
            foreach (var (acquire, answer) in call.Acquires.Zip(call.Answers(answers)))
            {
                var decision = _mirror.Adopt(acquire.Cost, acquire.Permits, answer, askedAt, out var payer);
                if (!answer.IsAdmitted)
                {
                    acquire.SetResult(Refused(decision));
                    continue;
                }

                var payerId = acquire.Cost.Limits.TokensPerMinute is null ? 0 : answers[0];
                acquire.SetResult(Begin(new RedisReservation(decision, acquire.Permits > 0 ? this : null, acquire.Cost.Tokens, payer, payerId), acquire.Permits));
            }

            if (call.Acquires.Count > 0)
            {
                _askedAt = askedAt;
                ExpectUnused(answers[0]);
            }

            return NextCall();
        }
    }

    // What ended while the call was under way is not in its answer, and will be in the next.
    private void ExpectUnused(long payerId)
    {
        foreach (var unused in _unused)
        {
            if (unused.PayerId == payerId)
            {
                _mirror.Expect(unused.Tokens);
            }
        }
    }

    private RedisCall? Fail(RedisCall call, Exception exception)
    {
        redis.Availability.Lose(exception, id);
        lock (_lock)
        {
            _isCalling = false;
            _slotsInRedis = null;

            // A Redis that loses every call but no probe must not make them grow for ever.
            _unanswered = [.. call.Reports.TakeLast(RedisCall.MaxParts)];
            foreach (var acquire in call.Acquires)
            {
                acquire.SetResult(DecideAlone(acquire.Cost, acquire.Permits));
            }

            // They have waited as long as a request may, also where Redis is back already.
            DecideWaitingAlone();
            return NextCall();
        }
    }

    private void DecideWaitingAlone()
    {
        while (_waiting.TryDequeue(out var acquire))
        {
            acquire.SetResult(DecideAlone(acquire.Cost, acquire.Permits));
        }
    }
}
