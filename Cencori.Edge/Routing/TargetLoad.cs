namespace Cencori.Edge.Routing;

/// <summary>How much a candidate has to do on this edge, and how soon it begins to answer.</summary>
/// <remarks>A slow answer counts at once, faster ones little by little, as Finagle's PeakEWMA has it: whoever has become slow is noticed after one request.</remarks>
internal sealed class TargetLoad(TimeProvider time)
{
    // A failure that takes a millisecond must not look fast.
    private const double FailureSeconds = 5;
    private const double DecaySeconds = 10;

    private static readonly TimeSpan OfLate = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private int _outstanding;
    private double _seconds;
    private long _at;
    private long _respondedAt;

    /// <summary>Requests that are under way.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>Seconds that it takes of late to begin a response; null: nobody knows.</summary>
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

    /// <summary>It has answered within the last minute, and has not failed since.</summary>
    public bool HasResponded
    {
        get
        {
            lock (_lock)
            {
                return _respondedAt != 0 && time.GetElapsedTime(_respondedAt) < OfLate;
            }
        }
    }

    public void Begin() => Interlocked.Increment(ref _outstanding);

    /// <summary>What <see cref="Begin"/> has begun is over.</summary>
    /// <param name="firstByte">How long it took to begin a response; null: that tells nothing.</param>
    /// <param name="hasFailed">There was no response.</param>
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
            var told = hasFailed ? Math.Max(_seconds, FailureSeconds) : firstByte!.Value.TotalSeconds;
            var kept = _at == 0 || told > _seconds ? 0 : Math.Exp(-time.GetElapsedTime(_at, now).TotalSeconds / DecaySeconds);
            _seconds = (_seconds * kept) + (told * (1 - kept));
            _at = now;
            _respondedAt = hasFailed ? 0 : now;
        }
    }
}
