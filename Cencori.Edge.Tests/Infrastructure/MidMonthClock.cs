namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>The real clock with real timers, moved to noon of the 15th of its month, so that neither a month nor a day ends during a test.</summary>
public sealed class MidMonthClock : TimeProvider
{
    private readonly TimeSpan _ahead;

    public MidMonthClock()
    {
        var now = System.GetUtcNow();
        _ahead = new DateTimeOffset(now.Year, now.Month, 15, 12, 0, 0, TimeSpan.Zero) - now;
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
}
