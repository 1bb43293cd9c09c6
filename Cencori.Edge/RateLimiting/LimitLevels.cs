using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>Reads the state of limits, without changing it.</summary>
public interface ILimitLevels
{
    /// <param name="id">The id of a project, or of an agent's limits.</param>
    /// <param name="limits">The limits in force.</param>
    /// <param name="cancellation">Cancels the read.</param>
    ValueTask<LimitLevels> ReadAsync(string id, RateLimits limits, CancellationToken cancellation);
}

/// <summary>The state of limits at one moment.</summary>
/// <param name="Requests">The request bucket. Null: requests are unlimited.</param>
/// <param name="Tokens">The token bucket. Null: tokens are unlimited.</param>
/// <param name="Slots">Requests in progress: of all edges if <paramref name="Store"/> is Redis and concurrency is limited, else of this edge.</param>
/// <param name="Store">Where the limits are kept.</param>
public readonly record struct LimitLevels(BucketLevel? Requests, BucketLevel? Tokens, long Slots, LimitStore Store);

/// <param name="Capacity">Capacity of the bucket, in permits.</param>
/// <param name="PerMinute">Refill in permits per minute.</param>
/// <param name="Level">Current balance; negative if requests used more than they had reserved.</param>
/// <param name="UntilFull">Time until the bucket is full, without further requests.</param>
public readonly record struct BucketLevel(long Capacity, long PerMinute, long Level, TimeSpan UntilFull);

/// <summary>Where limits are kept now.</summary>
public enum LimitStore
{
    /// <summary>In the memory of this edge. Redis is not configured.</summary>
    Memory,

    /// <summary>In Redis, shared by all edges.</summary>
    Redis,

    /// <summary>Redis is unavailable. Each edge enforces the limits alone.</summary>
    Local,

    /// <summary>Redis is unavailable. Every request is admitted without a check.</summary>
    Allow,

    /// <summary>Redis is unavailable. Every request is refused.</summary>
    Deny,
}
