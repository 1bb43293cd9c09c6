namespace Cencori.Edge.Telemetry;

/// <summary>What a caller or a provider can repeat at will is told of once a minute at most. Safe for use from several threads.</summary>
internal sealed class RareWarning(TimeProvider time)
{
    private const long Never = 0;

    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private long _toldAt = Never;

    /// <summary>True for one who asks: whoever gets that tells of it.</summary>
    public bool IsDue()
    {
        var (now, told) = (time.GetTimestamp(), Volatile.Read(ref _toldAt));
        return (told == Never || time.GetElapsedTime(told, now) >= Interval) && Interlocked.CompareExchange(ref _toldAt, now, told) == told;
    }
}
