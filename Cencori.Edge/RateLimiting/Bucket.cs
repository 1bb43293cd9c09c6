namespace Cencori.Edge.RateLimiting;

/// <summary>
/// A balance of permits that refills evenly up to its capacity and may be driven below zero. Not thread-safe.
/// </summary>
/// <remarks>
/// One permit is 60 × frequency units, where frequency is the number of clock steps a second. So one step refills exactly as many units
/// as the bucket refills permits in a minute. Nothing is rounded: in any period at most capacity + refill × time permits are taken.
/// Levels are Int128, because permits × units, and clock steps × refill, do not fit in 64 bits.
/// </remarks>
internal sealed class Bucket
{
    private readonly long _frequency;
    private readonly long _unitsPerPermit;
    private long _capacity;
    private long _perMinute;
    private Int128 _level;
    private long _refilledAt;

    /// <summary>Creates a full bucket on a clock of <paramref name="frequency"/> steps a second. Capacity and refill are at least 1.</summary>
    public Bucket(long capacity, long perMinute, long frequency, long now)
    {
        _frequency = frequency;
        _unitsPerPermit = 60 * frequency;
        _refilledAt = now;
        SetLimits(capacity, perMinute);
        _level = Full;
    }

    public bool IsFull => _level == Full;

    /// <summary>The balance in units of 1/<paramref name="unitsPerPermit"/> permit.</summary>
    public Int128 Level(long unitsPerPermit) => _level * unitsPerPermit / _unitsPerPermit;

    public RateLimitStatus Status =>
        new(_capacity, _level <= 0 ? 0 : Divide(_level, _unitsPerPermit), TimeUntil(Full));

    /// <summary>The level for display.</summary>
    public BucketLevel CurrentLevel => new(_capacity, _perMinute, (long)Int128.Clamp(Level(unitsPerPermit: 1), long.MinValue, long.MaxValue), TimeUntil(Full));

    private Int128 Full => Units(_capacity);

    public void Refill(long now)
    {
        // A clock that steps back neither removes refilled permits nor refills the same time twice.
        if (now > _refilledAt)
        {
            _level = Int128.Min(Full, _level + ((Int128)_perMinute * (now - _refilledAt)));
            _refilledAt = now;
        }
    }

    /// <summary>
    /// Changes the limits. Call <see cref="Refill"/> before. The balance stays, cut to the new capacity. A full bucket stays full, so that
    /// it makes no difference whether the limiter kept or dropped a full bucket in between.
    /// </summary>
    public void Resize(long capacity, long perMinute)
    {
        if (capacity == _capacity && perMinute == _perMinute)
        {
            return;
        }

        var wasFull = IsFull;
        SetLimits(capacity, perMinute);
        _level = wasFull ? Full : Int128.Min(Full, _level);
    }

    /// <summary>Time until <paramref name="permits"/> can be taken, rounded up. Zero: now. Null: never.</summary>
    public TimeSpan? TimeUntilCovers(long permits) => permits > _capacity ? null : TimeUntil(Units(permits));

    /// <summary>Replaces the balance with the balance from Redis, which was correct at <paramref name="now"/>.</summary>
    public void Adopt(Int128 level, long unitsPerPermit, long now)
    {
        _level = Int128.Min(Full, level * _unitsPerPermit / unitsPerPermit);
        _refilledAt = now;
    }

    /// <summary>An independent copy.</summary>
    public Bucket Copy() => (Bucket)MemberwiseClone();

    public void Take(long permits) => _level -= Units(permits);

    public void Return(long permits) => _level = Int128.Min(Full, _level + Units(permits));

    private void SetLimits(long capacity, long perMinute)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(perMinute, 1);
        _capacity = capacity;
        _perMinute = perMinute;
    }

    private Int128 Units(long permits) => (Int128)permits * _unitsPerPermit;

    private TimeSpan TimeUntil(Int128 level)
    {
        if (_level >= level)
        {
            return TimeSpan.Zero;
        }

        var missing = level - _level;
        if (missing <= long.MaxValue - _perMinute && (long)missing / _perMinute < (long.MaxValue - _frequency) / TimeSpan.TicksPerSecond)
        {
            var whole = ((long)missing + _perMinute - 1) / _perMinute;
            return new TimeSpan(((whole * TimeSpan.TicksPerSecond) + _frequency - 1) / _frequency);
        }

        var steps = DivideRoundingUp(missing, _perMinute);
        var ticks = DivideRoundingUp(steps * TimeSpan.TicksPerSecond, _frequency);
        return ticks > TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : new TimeSpan((long)ticks);
    }

    // Uses 64-bit division where the value fits, as nearly every balance does: 128-bit division is many times slower, and every request divides.
    private static long Divide(Int128 value, long divisor) => value <= long.MaxValue ? (long)value / divisor : (long)(value / divisor);

    private static Int128 DivideRoundingUp(Int128 value, long divisor) => (value + divisor - 1) / divisor;
}
