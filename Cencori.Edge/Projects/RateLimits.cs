namespace Cencori.Edge.Projects;

/// <summary>Rate limits of a project, of one of its agents, or of one of its credentials. In each parameter, null means unlimited; numbers are at least 1.</summary>
/// <param name="RequestsPerMinute">Refill of the request bucket per minute. Default of a new project: 60.</param>
/// <param name="Burst">Capacity of the request bucket, in requests. Null: the value of <paramref name="RequestsPerMinute"/>.</param>
/// <param name="TokensPerMinute">Capacity of the token bucket, in tokens, and its refill per minute. Default of a new project: null.</param>
/// <param name="ConcurrentRequests">Maximum number of requests under way at one time. Default of a new project: null.</param>
public sealed record RateLimits(
    long? RequestsPerMinute,
    long? Burst,
    long? TokensPerMinute,
    long? ConcurrentRequests)
{
    /// <summary>The limits of a new project.</summary>
    public static RateLimits Default { get; } = new(60, 60, null, null);

    /// <summary>Creates rate limits from the values. Returns null if no value but <paramref name="burst"/> is set: a burst alone limits nothing.</summary>
    public static RateLimits? OrNone(long? requestsPerMinute, long? burst, long? tokensPerMinute, long? concurrentRequests) =>
        requestsPerMinute is null && tokensPerMinute is null && concurrentRequests is null ? null : new(requestsPerMinute, burst, tokensPerMinute, concurrentRequests);
}
