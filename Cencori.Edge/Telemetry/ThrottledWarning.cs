namespace Cencori.Edge.Telemetry;

/// <summary>Limits how often a warning is logged, because callers and providers can trigger it at any rate. Default: once a minute. Thread-safe.</summary>
/// <param name="time">The clock that measures the minute.</param>
/// <param name="max">Maximum warnings per minute; above 1 when each warning may have a different text.</param>
internal sealed class ThrottledWarning(TimeProvider time, int max = 1)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _since;
    private int _count;

    /// <summary>True: the caller of this method must log the warning now.</summary>
    public bool IsDue()
    {
        lock (_gate)
        {
            if (_count == 0 || time.GetElapsedTime(_since) >= Interval)
            {
                (_since, _count) = (time.GetTimestamp(), 0);
            }

            if (_count == max)
            {
                return false;
            }

            _count++;
            return true;
        }
    }
}
