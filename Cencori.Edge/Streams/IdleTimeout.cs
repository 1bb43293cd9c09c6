namespace Cencori.Edge.Streams;

/// <summary>
/// Stops a response whose provider is waited for longer than timeout lasts, since it was heard last. One timer for all of it, which looks
/// when the wait began: a stream waits thousands of times, and setting a timer as often would cost more than reading.
/// </summary>
public sealed class IdleTimeout(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private const long Nobody = 0;

    private ITimer? _timer;

    // When it began, as if nothing had been read meanwhile.
    private long _since;
    private long _waited;

    /// <summary>Never disposed: the timer may still come to it.</summary>
    public CancellationTokenSource Stop { get; } = new();

    public void Begin()
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _since, now - _waited);
        if (_timer is null)
        {
            _timer = time.CreateTimer(static watch => ((IdleTimeout)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            LookIn(timeout);
        }
        else if (_waited > 0)
        {
            // Sooner than the timer would look. What is no data comes seldom.
            LookIn(timeout - time.GetElapsedTime(now - _waited, now));
        }
    }

    /// <summary>Once more does nothing.</summary>
    public void End()
    {
        if (_since != Nobody)
        {
            _waited = time.GetTimestamp() - _since;
            Volatile.Write(ref _since, Nobody);
        }
    }

    /// <summary>What was read shows that the provider is at work.</summary>
    public void Reset() => _waited = 0;

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var since = Volatile.Read(ref _since);
        var left = since == Nobody ? timeout : timeout - time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            Stop.Cancel();
            return;
        }

        LookIn(left);
    }

    // Timers count in milliseconds, and would take what is less for none.
    private void LookIn(TimeSpan time) =>
        _timer!.Change(time < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : time, Timeout.InfiniteTimeSpan);
}
