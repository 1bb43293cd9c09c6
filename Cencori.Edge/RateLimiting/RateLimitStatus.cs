namespace Cencori.Edge.RateLimiting;

/// <summary>How one bucket stands right after a decision.</summary>
/// <param name="Limit">What the bucket can hold, in permits.</param>
/// <param name="Remaining">Whole permits left, never below 0 even while the balance is.</param>
/// <param name="UntilFull">Time until the bucket is full again if nobody takes from it, rounded up to a tick.</param>
public readonly record struct RateLimitStatus(long Limit, long Remaining, TimeSpan UntilFull);
