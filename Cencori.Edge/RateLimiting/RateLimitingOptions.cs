namespace Cencori.Edge.RateLimiting;

/// <summary>How limits are enforced. Section <c>RateLimiting</c>.</summary>
public sealed class RateLimitingOptions
{
    public const string Section = "RateLimiting";

    /// <summary>What becomes of requests while Redis is away. Default <see cref="RedisFailureMode.Local"/>.</summary>
    public RedisFailureMode OnRedisFailure { get; set; } = RedisFailureMode.Local;

    /// <summary>Longest time a request waits for Redis before <see cref="OnRedisFailure"/> holds. Default 50 ms.</summary>
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>What becomes of requests while Redis is away.</summary>
public enum RedisFailureMode
{
    /// <summary>
    /// This edge goes on alone from the last balance it saw. So N edges admit together at most N times what one bucket
    /// gives in that time. It is charged when Redis is back, but no deeper than a debt of one second's refill.
    /// </summary>
    Local,

    /// <summary>Every request passes.</summary>
    Allow,

    /// <summary>Every request is refused with 503 RATE_LIMIT_UNAVAILABLE, and Redis must answer for the edge to start.</summary>
    Deny,
}
