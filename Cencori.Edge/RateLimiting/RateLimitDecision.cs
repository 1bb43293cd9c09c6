namespace Cencori.Edge.RateLimiting;

/// <summary>A limiter's decision about one cost.</summary>
/// <param name="Requests">The request bucket after the decision; null when requests are unlimited.</param>
/// <param name="Tokens">The token bucket after the decision; null when tokens are unlimited.</param>
/// <param name="Refusal"><see cref="Refusal.None"/> when the request is admitted.</param>
public readonly record struct RateLimitDecision(RateLimitStatus? Requests, RateLimitStatus? Tokens, Refusal Refusal);
