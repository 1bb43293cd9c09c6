namespace Cencori.Edge.RateLimiting;

/// <summary>The state of one bucket right after a decision.</summary>
/// <param name="Limit">Capacity of the bucket, in permits.</param>
/// <param name="Remaining">Whole permits left, never below 0 even if the balance is.</param>
/// <param name="UntilFull">Time until the bucket is full without further requests, rounded up to a tick.</param>
public readonly record struct RateLimitStatus(long Limit, long Remaining, TimeSpan UntilFull);
