namespace Cencori.Edge.Routing;

/// <summary>
/// Requests of one project that wait. One at a time has its turn to try: of those for which it may help the one of the highest priority, of
/// these one of the key that has had the fewest turns, and of these the one that came first. Nobody takes the room that one before it waits for.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="most">Requests in it at most.</param>
/// <param name="changed">Told of how many have come, or left.</param>
/// <param name="over">Told when the last one has left, and nobody can join it any more.</param>
internal sealed class ProjectQueue(TimeProvider time, int most, Action<int> changed, Action<ProjectQueue> over)
{
    // Of timers: whoever is due at the end of its time has its turn all the same.
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<QueuedRequest> _queued = [];

    // Turns of each key while anybody waits.
    private readonly Dictionary<string, long> _turns = new(StringComparer.Ordinal);
    private QueuedRequest? _trying;
    private ITimer? _timer;
    private long _numbers;
    private bool _isOver;

    /// <inheritdoc cref="RequestQueues.RoomIn"/>
    public TimeSpan? RoomIn(string credentialId, WaitPriority priority)
    {
        lock (_lock)
        {
            var last = long.MinValue;
            foreach (var queued in _queued)
            {
                last = queued.Priority >= priority && queued.WaitsFor.Contains(credentialId) ? Math.Max(last, queued.Due) : last;
            }

            return last == long.MinValue ? null : TimeUntil(last, time.GetTimestamp());
        }
    }

    /// <summary>Comes to it, or waits again in its place.</summary>
    /// <param name="queued">Who.</param>
    /// <param name="wait">When trying may help.</param>
    /// <param name="longest">How long it may wait in all.</param>
    /// <param name="turn">See <see cref="QueuedRequest.Turn"/>; null: it is not to wait.</param>
    /// <returns>False: the queue is over. Another is needed.</returns>
    public bool TryJoin(QueuedRequest queued, TimeSpan wait, TimeSpan longest, out Task<bool>? turn)
    {
        turn = null;
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            var now = time.GetTimestamp();
            if (queued.Queue is null)
            {
                if ((queued.Priority == WaitPriority.Low && _queued.Count >= most / 2) || (_queued.Count >= most && !TryEvictFor(queued)))
                {
                    return true;
                }

                Add(queued, now + Ticks(longest + Lateness));
            }

            _trying = _trying == queued ? null : _trying;
            queued.Due = now + Ticks(wait);
            if (queued.Due <= queued.Deadline)
            {
                queued.Turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
                turn = queued.Turn.Task;
            }

            Advance(now);
            return true;
        }
    }

    /// <summary>It has been let through, or has given up. Once more does nothing.</summary>
    public void Leave(QueuedRequest queued)
    {
        lock (_lock)
        {
            if (!_queued.Remove(queued))
            {
                return;
            }

            changed(-1);
            if (_trying == queued)
            {
                _trying = null;
                _turns[queued.KeyId]++;
            }

            Advance(time.GetTimestamp());
        }
    }

    private bool IsBefore(QueuedRequest one, QueuedRequest other) =>
        one.Priority != other.Priority ? one.Priority > other.Priority
        : _turns[one.KeyId] != _turns[other.KeyId] ? _turns[one.KeyId] < _turns[other.KeyId]
        : one.Number < other.Number;

    // The key that has the most of the queue makes room for one that has fewer, and a key for what it says is more urgent than others of its own.
    private bool TryEvictFor(QueuedRequest newcomer)
    {
        var counts = _queued.CountBy(queued => queued.KeyId).ToDictionary(StringComparer.Ordinal);
        var most = counts.MaxBy(count => count.Value);
        var ofOthers = counts.GetValueOrDefault(newcomer.KeyId) + 1 < most.Value;
        QueuedRequest? last = null;
        foreach (var queued in _queued)
        {
            var isMeant = ofOthers ? queued.KeyId == most.Key && queued.Priority <= newcomer.Priority : queued.KeyId == newcomer.KeyId && queued.Priority < newcomer.Priority;
            if (isMeant && queued != _trying && queued.Turn?.Task.IsCompleted == false && (last is null || queued.Priority < last.Priority || (queued.Priority == last.Priority && queued.Number > last.Number)))
            {
                last = queued;
            }
        }

        if (last is null)
        {
            return false;
        }

        _queued.Remove(last);
        changed(-1);
        last.Turn!.SetResult(false);
        return true;
    }

    // A key that comes later has no turns to make up for.
    private void Add(QueuedRequest queued, long deadline)
    {
        var least = _queued.Select(other => _turns[other.KeyId]).DefaultIfEmpty(0).Min();
        var isThere = _queued.Exists(other => other.KeyId == queued.KeyId);
        _turns[queued.KeyId] = isThere ? _turns[queued.KeyId] : Math.Max(least, _turns.GetValueOrDefault(queued.KeyId));
        (queued.Queue, queued.Number, queued.Deadline) = (this, ++_numbers, deadline);
        _queued.Add(queued);
        changed(1);
    }

    // Whoever is out of time goes, the next has its turn, and the timer is for what comes after that.
    private void Advance(long now)
    {
        QueuedRequest? next = null;
        var soonest = long.MaxValue;
        for (var i = _queued.Count - 1; i >= 0; i--)
        {
            var queued = _queued[i];
            if (queued == _trying || queued.Turn?.Task.IsCompleted != false)
            {
                continue;
            }

            if (queued.Deadline <= now)
            {
                queued.Turn.SetResult(false);
                continue;
            }

            // Who is due already has its turn when another gives up its own.
            soonest = Math.Min(soonest, queued.Due > now ? Math.Min(queued.Deadline, queued.Due) : queued.Deadline);
            if (_trying is null && queued.Due <= now && (next is null || IsBefore(queued, next)) && !_queued.Exists(other => other.Due > now && other.Turn?.Task.IsCompleted == false && other.Meets(queued) && IsBefore(other, queued)))
            {
                next = queued;
            }
        }

        if (next is not null)
        {
            _trying = next;
            next.Turn!.SetResult(true);
        }

        if (_queued.Count == 0)
        {
            _isOver = true;
            _timer?.Dispose();
            over(this);
        }
        else if (soonest < long.MaxValue)
        {
            _timer ??= time.CreateTimer(static queue => ((ProjectQueue)queue!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(RoundUp(TimeUntil(soonest, now)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (!_isOver)
            {
                Advance(time.GetTimestamp());
            }
        }
    }

    // A timer that comes a little early would find nobody.
    private static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    private TimeSpan TimeUntil(long timestamp, long now) => timestamp <= now ? TimeSpan.Zero : time.GetElapsedTime(now, timestamp);

    private long Ticks(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);
}
