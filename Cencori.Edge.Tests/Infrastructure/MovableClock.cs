namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>The real clock with real timers, moved ahead by a time that a test sets.</summary>
public sealed class MovableClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
