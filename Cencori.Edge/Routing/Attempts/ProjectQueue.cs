namespace Cencori.Edge.Routing.Attempts;

/// <summary>
/// The waiting requests of one project. One request at a time gets a turn to reserve room and be sent. Order: highest priority, then the key with the
/// fewest turns, then arrival. No request takes the room that a request before it waits for.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="max">Maximum number of requests in the queue.</param>
/// <param name="changed">Called with the change of the number of waiting requests.</param>
/// <param name="over">Called when the last request has left. The queue then accepts no further request.</param>
internal sealed class ProjectQueue(TimeProvider time, int max, Action<int> changed, Action<ProjectQueue> over)
{
    // Tolerance for late timers: a request that becomes due at its deadline still gets its turn.
    private static readonly TimeSpan TimerTolerance = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly List<QueuedRequest> _queued = [];

    // Number of turns of each key since the queue began.
    private readonly Dictionary<string, long> _turns = new(StringComparer.Ordinal);
    private QueuedRequest? _current;
    private ITimer? _timer;
    private long _numbers;
    private bool _isOver;

    /// <inheritdoc cref="RequestQueues.TimeUntilRoom"/>
    public TimeSpan? TimeUntilRoom(string credentialId, WaitPriority priority)
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

    /// <summary>Adds the request to the queue. A request that is in the queue already keeps its place and waits again.</summary>
    /// <param name="queued">The request.</param>
    /// <param name="wait">Time until an attempt may succeed.</param>
    /// <param name="longest">Longest total wait.</param>
    /// <param name="turn">See <see cref="QueuedRequest.Turn"/>. Null: the request must not wait.</param>
    /// <returns>False: the queue has ended, and the caller must create a new one.</returns>
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
                if ((queued.Priority == WaitPriority.Low && _queued.Count >= max / 2) || (_queued.Count >= max && !TryEvictFor(queued)))
                {
                    return true;
                }

                Add(queued, now + Ticks(longest + TimerTolerance));
            }

            _current = _current == queued ? null : _current;
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

    /// <summary>Removes the request from the queue, after it was sent or gave up. Idempotent.</summary>
    public void Remove(QueuedRequest queued)
    {
        lock (_lock)
        {
            if (!_queued.Remove(queued))
            {
                return;
            }

            changed(-1);
            if (_current == queued)
            {
                _current = null;
                _turns[queued.KeyId]++;
            }

            Advance(time.GetTimestamp());
        }
    }

    private bool IsBefore(QueuedRequest one, QueuedRequest other) =>
        one.Priority != other.Priority ? one.Priority > other.Priority
        : _turns[one.KeyId] != _turns[other.KeyId] ? _turns[one.KeyId] < _turns[other.KeyId]
        : one.Number < other.Number;

    // In a full queue, the key with the most requests gives up a place to a key with fewer requests.
    // Within one key, a new request takes the place of a waiting request of lower priority.
    private bool TryEvictFor(QueuedRequest newcomer)
    {
        var counts = _queued.CountBy(queued => queued.KeyId).ToDictionary(StringComparer.Ordinal);
        var max = counts.MaxBy(count => count.Value);
        var ofOthers = counts.GetValueOrDefault(newcomer.KeyId) + 1 < max.Value;
        QueuedRequest? last = null;
        foreach (var queued in _queued)
        {
            var isEligible = ofOthers ? queued.KeyId == max.Key && queued.Priority <= newcomer.Priority : queued.KeyId == newcomer.KeyId && queued.Priority < newcomer.Priority;
            if (isEligible && queued != _current && queued.Turn?.Task.IsCompleted == false && (last is null || queued.Priority < last.Priority || (queued.Priority == last.Priority && queued.Number > last.Number)))
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

    // A key that joins late starts with the lowest turn count of the queue. With 0 it would get all turns until its count equals the others.
    private void Add(QueuedRequest queued, long deadline)
    {
        var min = _queued.Select(other => _turns[other.KeyId]).DefaultIfEmpty(0).Min();
        var isThere = _queued.Exists(other => other.KeyId == queued.KeyId);
        _turns[queued.KeyId] = isThere ? _turns[queued.KeyId] : Math.Max(min, _turns.GetValueOrDefault(queued.KeyId));
        (queued.Queue, queued.Number, queued.Deadline) = (this, ++_numbers, deadline);
        _queued.Add(queued);
        changed(1);
    }

    // Ends timed-out waits, gives the next request its turn, and sets the timer for the next event.
    private void Advance(long now)
    {
        QueuedRequest? next = null;
        var soonest = long.MaxValue;
        for (var i = _queued.Count - 1; i >= 0; i--)
        {
            var queued = _queued[i];
            if (queued == _current || queued.Turn?.Task.IsCompleted != false)
            {
                continue;
            }

            if (queued.Deadline <= now)
            {
                queued.Turn.SetResult(false);
                continue;
            }

            // A request that is already due needs no timer for its turn: it gets its turn when the turn of the current request ends.
            soonest = Math.Min(soonest, queued.Due > now ? Math.Min(queued.Deadline, queued.Due) : queued.Deadline);
            if (_current is null && queued.Due <= now && (next is null || IsBefore(queued, next)) && !_queued.Exists(other => other.Due > now && other.Turn?.Task.IsCompleted == false && other.SharesCredentialWith(queued) && IsBefore(other, queued)))
            {
                next = queued;
            }
        }

        if (next is not null)
        {
            _current = next;
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

    // Rounds up to milliseconds: a timer that fires slightly early would find no request due.
    private static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    private TimeSpan TimeUntil(long timestamp, long now) => timestamp <= now ? TimeSpan.Zero : time.GetElapsedTime(now, timestamp);

    private long Ticks(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);
}
