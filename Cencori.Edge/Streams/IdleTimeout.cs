namespace Cencori.Edge.Streams;

/// <summary>
/// Cancels a response when its provider has sent no data for longer than the timeout. Only time spent waiting for the provider counts. One timer serves
/// the whole stream: a stream waits thousands of times, and setting a timer each time would cost more than reading.
/// </summary>
public sealed class IdleTimeout(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private const long NotWaiting = 0;

    private ITimer? _timer;

    // _waited: total length of the earlier waits since the last event data. _since: when the current wait began, minus _waited. The timeout counts from _since.
    // Bytes without event data do not restart the timeout.
    private long _since;
    private long _waited;

    /// <summary>Cancelled at the timeout. Never disposed, because the timer may still cancel it.</summary>
    public CancellationTokenSource Stop { get; } = new();

    public void Begin()
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _since, now - _waited);
        if (_timer is null)
        {
            _timer = time.CreateTimer(static watch => ((IdleTimeout)watch!).CheckIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            ScheduleCheck(timeout);
        }
        else if (_waited > 0)
        {
            // The earlier waits since the last event data count too, so the timer must fire earlier. Bytes without event data are rare, so this costs little.
            ScheduleCheck(timeout - time.GetElapsedTime(now - _waited, now));
        }
    }

    /// <summary>Ends a wait for the provider. A second call does nothing.</summary>
    public void End()
    {
        if (_since != NotWaiting)
        {
            _waited = time.GetTimestamp() - _since;
            Volatile.Write(ref _since, NotWaiting);
        }
    }

    /// <summary>Restarts the timeout: the provider sent data.</summary>
    public void Reset() => _waited = 0;

    public void Dispose() => _timer?.Dispose();

    private void CheckIdle()
    {
        var since = Volatile.Read(ref _since);
        var remaining = since == NotWaiting ? timeout : timeout - time.GetElapsedTime(since);
        if (remaining <= TimeSpan.Zero)
        {
            Stop.Cancel();
            return;
        }

        ScheduleCheck(remaining);
    }

    // Timers count in whole milliseconds, so a time below one millisecond would become zero.
    private void ScheduleCheck(TimeSpan time) =>
        _timer!.Change(time < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : time, Timeout.InfiniteTimeSpan);
}
