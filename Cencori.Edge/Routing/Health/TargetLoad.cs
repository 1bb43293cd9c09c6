namespace Cencori.Edge.Routing.Health;

/// <summary>The load of one credential and model on this edge: requests in progress, and time to the first byte.</summary>
/// <remarks>A slower response changes the average at once, faster ones gradually, as in Finagle's PeakEWMA. So one request is enough to notice that a target became slow.</remarks>
internal sealed class TargetLoad(TimeProvider time)
{
    // The time to the first byte that is assumed for a failure. A failure after a millisecond must not make the target look fast.
    private const double FailureSeconds = 5;
    private const double DecaySeconds = 10;

    private static readonly TimeSpan RecentWindow = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _outstanding;
    private double _seconds;
    private long _at;
    private long _respondedAt;

    /// <summary>Requests in progress.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Recent time to the first byte, in seconds. Null: unknown.</summary>
    public double? Seconds
    {
        get
        {
            lock (_lock)
            {
                return _at == 0 ? null : _seconds;
            }
        }
    }

    /// <summary>True: the target responded within the last minute, and has not failed since.</summary>
    public bool HasResponded
    {
        get
        {
            lock (_lock)
            {
                return _respondedAt != 0 && time.GetElapsedTime(_respondedAt) < RecentWindow;
            }
        }
    }

    public void Begin() => Interlocked.Increment(ref _outstanding);

    /// <summary>Ends a request that <see cref="Begin"/> counted.</summary>
    /// <param name="firstByte">Time to the first byte. Null: it says nothing about the target's speed.</param>
    /// <param name="hasFailed">Whether the target failed.</param>
    public void End(TimeSpan? firstByte, bool hasFailed)
    {
        Interlocked.Decrement(ref _outstanding);
        if (firstByte is null && !hasFailed)
        {
            return;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            var seconds = hasFailed ? Math.Max(_seconds, FailureSeconds) : firstByte!.Value.TotalSeconds;
            var weight = _at == 0 || seconds > _seconds ? 0 : Math.Exp(-time.GetElapsedTime(_at, now).TotalSeconds / DecaySeconds);
            _seconds = (_seconds * weight) + (seconds * (1 - weight));
            _at = now;
            _respondedAt = hasFailed ? 0 : now;
        }
    }
}
