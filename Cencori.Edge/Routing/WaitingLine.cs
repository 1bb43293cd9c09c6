namespace Cencori.Edge.Routing;

/// <summary>
/// Requests of one project that wait. One at a time has its turn to try: of those for which it may help the one of the highest priority, of
/// these one of the key that has had the fewest turns, and of these the one that came first. Nobody takes the room that one before it waits for.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="most">Requests in it at most.</param>
/// <param name="changed">Told of how many have come, or left.</param>
/// <param name="over">Told when the last one has left, and nobody can join it any more.</param>
internal sealed class WaitingLine(TimeProvider time, int most, Action<int> changed, Action<WaitingLine> over)
{
    // Of timers: whoever is due at the end of its time has its turn all the same.
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];

    // Turns of each key while anybody waits.
    private readonly Dictionary<string, long> _turns = new(StringComparer.Ordinal);
    private Waiter? _trying;
    private ITimer? _timer;
    private long _numbers;
    private bool _isOver;

    /// <inheritdoc cref="WaitingRoom.RoomIn"/>
    public TimeSpan? RoomIn(string credentialId, WaitPriority priority)
    {
        lock (_lock)
        {
            var last = long.MinValue;
            foreach (var waiter in _waiters)
            {
                last = waiter.Priority >= priority && waiter.WaitsFor.Contains(credentialId) ? Math.Max(last, waiter.Due) : last;
            }

            return last == long.MinValue ? null : TimeUntil(last, time.GetTimestamp());
        }
    }

    /// <summary>Comes to it, or waits again in its place.</summary>
    /// <param name="waiter">Who.</param>
    /// <param name="wait">When trying may help.</param>
    /// <param name="longest">How long it may wait in all.</param>
    /// <param name="turn">See <see cref="Waiter.Turn"/>; null: it is not to wait.</param>
    /// <returns>False: the line is over. Another is needed.</returns>
    public bool TryJoin(Waiter waiter, TimeSpan wait, TimeSpan longest, out Task<bool>? turn)
    {
        turn = null;
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            var now = time.GetTimestamp();
            if (waiter.Line is null)
            {
                if ((waiter.Priority == WaitPriority.Low && _waiters.Count >= most / 2) || (_waiters.Count >= most && !TryMakeRoomFor(waiter)))
                {
                    return true;
                }

                Add(waiter, now + Ticks(longest + Lateness));
            }

            _trying = _trying == waiter ? null : _trying;
            waiter.Due = now + Ticks(wait);
            if (waiter.Due <= waiter.Deadline)
            {
                waiter.Turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                turn = waiter.Turn.Task;
            }

            Go(now);
            return true;
        }
    }

    /// <summary>It has been let through, or has given up. Once more does nothing.</summary>
    public void Leave(Waiter waiter)
    {
        lock (_lock)
        {
            if (!_waiters.Remove(waiter))
            {
                return;
            }

            changed(-1);
            if (_trying == waiter)
            {
                _trying = null;
                _turns[waiter.KeyId]++;
            }

            Go(time.GetTimestamp());
        }
    }

    private bool IsBefore(Waiter one, Waiter other) =>
        one.Priority != other.Priority ? one.Priority > other.Priority
        : _turns[one.KeyId] != _turns[other.KeyId] ? _turns[one.KeyId] < _turns[other.KeyId]
        : one.Number < other.Number;

    // The key that has the most of the line makes room for one that has fewer, and a key for what it says is more urgent than others of its own.
    private bool TryMakeRoomFor(Waiter newcomer)
    {
        var counts = _waiters.CountBy(waiter => waiter.KeyId).ToDictionary(StringComparer.Ordinal);
        var most = counts.MaxBy(count => count.Value);
        var ofOthers = counts.GetValueOrDefault(newcomer.KeyId) + 1 < most.Value;
        Waiter? last = null;
        foreach (var waiter in _waiters)
        {
            var isMeant = ofOthers ? waiter.KeyId == most.Key && waiter.Priority <= newcomer.Priority : waiter.KeyId == newcomer.KeyId && waiter.Priority < newcomer.Priority;
            if (isMeant && waiter != _trying && waiter.Turn?.Task.IsCompleted == false && (last is null || waiter.Priority < last.Priority || (waiter.Priority == last.Priority && waiter.Number > last.Number)))
            {
                last = waiter;
            }
        }

        if (last is null)
        {
            return false;
        }

        _waiters.Remove(last);
        changed(-1);
        last.Turn!.SetResult(false);
        return true;
    }

    // A key that comes later has no turns to make up for.
    private void Add(Waiter waiter, long deadline)
    {
        var least = _waiters.Select(other => _turns[other.KeyId]).DefaultIfEmpty(0).Min();
        var isThere = _waiters.Exists(other => other.KeyId == waiter.KeyId);
        _turns[waiter.KeyId] = isThere ? _turns[waiter.KeyId] : Math.Max(least, _turns.GetValueOrDefault(waiter.KeyId));
        (waiter.Line, waiter.Number, waiter.Deadline) = (this, ++_numbers, deadline);
        _waiters.Add(waiter);
        changed(1);
    }

    // Whoever is out of time goes, the next has its turn, and the timer is for what comes after that.
    private void Go(long now)
    {
        Waiter? next = null;
        var soonest = long.MaxValue;
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            var waiter = _waiters[i];
            if (waiter == _trying || waiter.Turn?.Task.IsCompleted != false)
            {
                continue;
            }

            if (waiter.Deadline <= now)
            {
                waiter.Turn.SetResult(false);
                continue;
            }

            // Who is due already has its turn when another gives up its own.
            soonest = Math.Min(soonest, waiter.Due > now ? Math.Min(waiter.Deadline, waiter.Due) : waiter.Deadline);
            if (_trying is null && waiter.Due <= now && (next is null || IsBefore(waiter, next)) && !_waiters.Exists(other => other.Due > now && other.Turn?.Task.IsCompleted == false && other.Meets(waiter) && IsBefore(other, waiter)))
            {
                next = waiter;
            }
        }

        if (next is not null)
        {
            _trying = next;
            next.Turn!.SetResult(true);
        }

        if (_waiters.Count == 0)
        {
            _isOver = true;
            _timer?.Dispose();
            over(this);
        }
        else if (soonest < long.MaxValue)
        {
            _timer ??= time.CreateTimer(static line => ((WaitingLine)line!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(RoundUp(TimeUntil(soonest, now)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                Go(time.GetTimestamp());
            }
        }
    }

    // A timer that comes a little early would find nobody.
    private static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    private TimeSpan TimeUntil(long timestamp, long now) => timestamp <= now ? TimeSpan.Zero : time.GetElapsedTime(now, timestamp);

    private long Ticks(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);
}
