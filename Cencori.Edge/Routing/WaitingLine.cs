namespace Cencori.Edge.Routing;

/// <summary>
/// The waiting requests of one project. One request at a time may try. Order: highest priority, then the key with the fewest turns, then arrival.
/// No request takes the room that an earlier one waits for.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="most">Most requests in the line.</param>
/// <param name="changed">Called with the change of the number of waiting requests.</param>
/// <param name="over">Called when the last request has left. The line accepts no further request.</param>
internal sealed class WaitingLine(TimeProvider time, int most, Action<int> changed, Action<WaitingLine> over)
{
    // Tolerance for late timers: a request that becomes due at its deadline still gets its turn.
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];

    // Turns of each key since the line began.
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

    /// <summary>Joins the line, or waits again at the same place.</summary>
    /// <param name="waiter">The request.</param>
    /// <param name="wait">Time until an attempt may succeed.</param>
    /// <param name="longest">Longest total wait.</param>
    /// <param name="turn">See <see cref="Waiter.Turn"/>; null: it must not wait.</param>
    /// <returns>False: the line has ended, and a new one is needed.</returns>
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

    /// <summary>Leaves the line, after success or giving up. Idempotent.</summary>
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

    // In a full line, the key with the most places gives one to a key with fewer. Within one key, a higher priority takes the place of a lower one.
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

    // A key that joins late starts at the lowest count, so that it does not get all turns until it has caught up.
    private void Add(Waiter waiter, long deadline)
    {
        var least = _waiters.Select(other => _turns[other.KeyId]).DefaultIfEmpty(0).Min();
        var isThere = _waiters.Exists(other => other.KeyId == waiter.KeyId);
        _turns[waiter.KeyId] = isThere ? _turns[waiter.KeyId] : Math.Max(least, _turns.GetValueOrDefault(waiter.KeyId));
        (waiter.Line, waiter.Number, waiter.Deadline) = (this, ++_numbers, deadline);
        _waiters.Add(waiter);
        changed(1);
    }

    // Ends timed-out waits, gives the next request its turn, and sets the timer for the next event.
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

            // A request that is already due needs no timer: it gets its turn when the current one gives up its turn.
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

    // A timer that fires slightly early would find no request due.
    private static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    private TimeSpan TimeUntil(long timestamp, long now) => timestamp <= now ? TimeSpan.Zero : time.GetElapsedTime(now, timestamp);

    private long Ticks(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);
}
