namespace Cencori.Edge.Telemetry;

/// <summary>What a caller or a provider can repeat at will is told of once a minute at most. Safe for use from several threads.</summary>
/// <param name="time">Says when a minute is over.</param>
/// <param name="most">So often a minute, where each time may tell something of its own.</param>
internal sealed class ThrottledWarning(TimeProvider time, int most = 1)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _since;
    private int _told;

    /// <summary>True for one who asks: whoever gets that tells of it.</summary>
    public bool IsDue()
    {
        lock (_gate)
        {
            if (_told == 0 || time.GetElapsedTime(_since) >= Interval)
            {
                (_since, _told) = (time.GetTimestamp(), 0);
            }

            if (_told == most)
            {
                return false;
            }

            _told++;
            return true;
        }
    }
}
