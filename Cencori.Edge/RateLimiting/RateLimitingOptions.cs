namespace Cencori.Edge.RateLimiting;

/// <summary>How limits are enforced. Configuration section <c>RateLimiting</c>.</summary>
public sealed class RateLimitingOptions
{
    public const string Section = "RateLimiting";

    /// <summary>The largest <see cref="RedisTimeout"/>.</summary>
    public static readonly TimeSpan MaxRedisTimeout = TimeSpan.FromMinutes(1);

    /// <summary>How requests are decided while Redis is unavailable. Default <see cref="RedisFailureMode.Local"/>.</summary>
    public RedisFailureMode OnRedisFailure { get; set; } = RedisFailureMode.Local;

    /// <summary>Longest time that a request waits for Redis before <see cref="OnRedisFailure"/> applies. At most <see cref="MaxRedisTimeout"/>. Default 50 ms.</summary>
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>How requests are decided while Redis is unavailable.</summary>
public enum RedisFailureMode
{
    /// <summary>
    /// This edge decides alone, from the last balance that it saw. So during the outage, N edges together admit at most N times what one bucket
    /// would admit. When Redis is back, the usage is charged, but the debt is at most the refill of one second.
    /// </summary>
    Local,

    /// <summary>Every request is admitted without a check.</summary>
    Allow,

    /// <summary>Every request is refused with 503 RATE_LIMIT_UNAVAILABLE. The edge starts only if Redis is available.</summary>
    Deny,
}
