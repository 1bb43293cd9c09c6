namespace Cencori.Edge.Projects;

/// <summary>Limits of a project, of one of its agents, or of one of its credentials. Null is unlimited; numbers are at least 1.</summary>
/// <param name="RequestsPerMinute">Refill of the request bucket. Default 60.</param>
/// <param name="Burst">Capacity of the request bucket, in requests. Null takes <paramref name="RequestsPerMinute"/>.</param>
/// <param name="TokensPerMinute">Refill and capacity of the token bucket, in tokens. Default null.</param>
/// <param name="ConcurrentRequests">Requests under way at one time. Default null.</param>
public sealed record RateLimits(
    long? RequestsPerMinute,
    long? Burst,
    long? TokensPerMinute,
    long? ConcurrentRequests)
{
    /// <summary>The limits of a new project.</summary>
    public static RateLimits Default { get; } = new(60, 60, null, null);

    /// <summary>Null if nothing is limited.</summary>
    public static RateLimits? OrNone(long? requestsPerMinute, long? burst, long? tokensPerMinute, long? concurrentRequests) =>
        requestsPerMinute is null && tokensPerMinute is null && concurrentRequests is null ? null : new(requestsPerMinute, burst, tokensPerMinute, concurrentRequests);
}
