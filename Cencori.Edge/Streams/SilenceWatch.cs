namespace Cencori.Edge.Streams;

/// <summary>
/// Stops a response whose provider is waited for longer than patience lasts. One timer for all of it, which looks when the wait began: a
/// stream waits thousands of times, and setting a timer as often would cost more than reading.
/// </summary>
public sealed class SilenceWatch(TimeSpan patience, TimeProvider time) : IDisposable
{
    private const long Nobody = 0;

    private ITimer? _timer;
    private long _since;

    /// <summary>Never disposed: the timer may still come to it.</summary>
    public CancellationTokenSource Stop { get; } = new();

    public void Begin()
    {
        Volatile.Write(ref _since, time.GetTimestamp());
        if (_timer is null)
        {
            _timer = time.CreateTimer(static watch => ((SilenceWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(patience, Timeout.InfiniteTimeSpan);
        }
    }

    public void End() => Volatile.Write(ref _since, Nobody);

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        var since = Volatile.Read(ref _since);
        var left = since == Nobody ? patience : patience - time.GetElapsedTime(since);
        if (left <= TimeSpan.Zero)
        {
            Stop.Cancel();
            return;
        }

        // Timers count in milliseconds, and would take what is less for none.
        _timer!.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left, Timeout.InfiniteTimeSpan);
    }
}
