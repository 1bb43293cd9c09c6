namespace Cencori.Edge.RateLimiting;

/// <summary>The calls, one after the other.</summary>
internal sealed partial class RedisProject
{
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

        var ended = TakeEnded();
        var running = TakeRunning();
        var acquires = TakeAcquires();
        if (ended.Count + running.Count + acquires.Count == 0 && _alone.IsNothing)
        {
            return null;
        }

        _isCalling = true;
        var alone = _alone;
        _alone = alone.IsNothing ? alone : new SpentAlone();
        return new RedisCall(alone, ended, running, acquires);
    }

    private List<EndedRequest> TakeEnded()
    {
        var ended = new List<EndedRequest>(Math.Min(_ended.Count, RedisCall.MaxParts));
        while (ended.Count < RedisCall.MaxParts && _ended.TryDequeue(out var request))
        {
            ended.Add(request);
        }

        return ended;
    }

    private List<RedisReservation> TakeRunning()
    {
        var running = new List<RedisReservation>();
        while (running.Count < RedisCall.MaxParts && _toRenew.TryDequeue(out var reservation))
        {
            if (_running.Contains(reservation))
            {
                reservation.HoldsSlot = true;
                running.Add(reservation);
            }
        }

        return running;
    }

    // One call knows one set of limits; whoever came after a change of them waits for the next. Nobody enters before all that
    // run have been counted.
    private List<PendingAcquire> TakeAcquires()
    {
        var acquires = new List<PendingAcquire>(_toRenew.Count > 0 ? 0 : Math.Min(_waiting.Count, RedisCall.MaxParts));
        while (_toRenew.Count == 0 && acquires.Count < RedisCall.MaxParts && _waiting.TryPeek(out var next)
            && (acquires.Count == 0 || acquires[0].Cost.Limits == next.Cost.Limits))
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
            var calling = redis.EvaluateAsync(_keys, call.Arguments(redis.SlotLifetime, _mirror.Levels()));
            long[] answers;
            try
            {
                answers = await redis.WaitAsync(calling, redis.Timeout);
            }
            catch (Exception exception)
            {
                _ = GiveBackLateAsync(call, calling);
                call = Fail(call, exception);
                continue;
            }

            call = Finish(call, answers, askedAt);
        }
    }

    private RedisCall? Finish(RedisCall call, long[] answers, long askedAt)
    {
        lock (_lock)
        {
            _isCalling = false;
            for (var i = 0; i < call.Acquires.Count; i++)
            {
                var (acquire, answer) = (call.Acquires[i], RedisCall.Answer(answers, i));
                var decision = _mirror.Adopt(acquire.Cost, acquire.Permits, answer, askedAt, out var payer);
                if (!answer.IsAdmitted)
                {
                    acquire.SetResult(Refused(decision));
                    continue;
                }

                var payerId = acquire.Cost.Limits.TokensPerMinute is null ? 0 : answers[0];
                var reservation = new RedisReservation(decision, acquire.Permits > 0 ? this : null, acquire.Slot, acquire.Cost.Tokens, payer, payerId) { HoldsSlot = acquire.NeedsSlot };
                acquire.SetResult(Begin(reservation, acquire.Permits));
            }

            if (call.Acquires.Count > 0)
            {
                _askedAt = askedAt;
                ExpectEnded(answers[0]);
            }

            return NextCall();
        }
    }

    // What ended while the call was under way is not in its answer, and will be in the next.
    private void ExpectEnded(long payerId)
    {
        foreach (var request in _ended)
        {
            if (request.PayerId == payerId)
            {
                _mirror.Expect(request.Tokens);
            }
        }
    }

    private RedisCall? Fail(RedisCall call, Exception exception)
    {
        redis.Availability.Lose(exception, id);
        lock (_lock)
        {
            _isCalling = false;
            if (call.Alone != _alone)
            {
                _alone.Requests += call.Alone.Requests;
                _alone.Tokens += call.Alone.Tokens;
            }

            foreach (var request in call.Ended)
            {
                // It may have arrived. Its slot, if it is still there, proves that it has not.
                if (request.Slot is not null)
                {
                    _ended.Enqueue(request with { PayerId = null });
                }
            }

            foreach (var acquire in call.Acquires)
            {
                if (acquire.NeedsSlot)
                {
                    _ended.Enqueue(new(acquire.Slot, null, acquire.Cost.Tokens, acquire.Permits));
                }

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

    // Too late for the requests, which were decided without: what Redis took for them is theirs no more.
    private async Task GiveBackLateAsync(RedisCall call, Task<long[]> calling)
    {
        try
        {
            var answers = await calling;
            lock (_lock)
            {
                for (var i = 0; i < call.Acquires.Count; i++)
                {
                    var acquire = call.Acquires[i];
                    if (RedisCall.Answer(answers, i).IsAdmitted && acquire is { Permits: > 0, NeedsSlot: false })
                    {
                        _ended.Enqueue(new(null, answers[0], acquire.Cost.Tokens, acquire.Permits));
                    }
                }
            }
        }
        catch (Exception)
        {
            // It has been reported already, when it failed for the requests.
        }
    }
}
