using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>Tells how limits stand, without taking anything or changing them.</summary>
public interface ILimitLevels
{
    /// <param name="id">Whose: of a project, or as an agent's limits are kept.</param>
    /// <param name="limits">That hold now.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    ValueTask<LimitLevels> ReadAsync(string id, RateLimits limits, CancellationToken cancellation);
}

/// <summary>How limits stand at a moment.</summary>
/// <param name="Requests">Null: unlimited.</param>
/// <param name="Tokens">Null: unlimited.</param>
/// <param name="Slots">Requests under way; of all edges where <paramref name="Store"/> is Redis and their number is limited, else of this one.</param>
/// <param name="Store">Where they are kept.</param>
public readonly record struct LimitLevels(BucketLevel? Requests, BucketLevel? Tokens, long Slots, LimitStore Store);

/// <param name="Capacity">What the bucket can hold, in permits.</param>
/// <param name="PerMinute">What flows into it.</param>
/// <param name="Level">What is in it; below zero where more was used than had been set aside.</param>
/// <param name="UntilFull">If nobody takes from it.</param>
public readonly record struct BucketLevel(long Capacity, long PerMinute, long Level, TimeSpan UntilFull);

/// <summary>Where limits are kept at a moment.</summary>
public enum LimitStore
{
    /// <summary>Of this edge, which has no Redis.</summary>
    Memory,

    /// <summary>All edges share them.</summary>
    Redis,

    /// <summary>Redis is away, and each edge goes on alone.</summary>
    Local,

    /// <summary>Redis is away, and every request passes.</summary>
    Allow,

    /// <summary>Redis is away, and every request is refused.</summary>
    Deny,
}
