using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>The tokens that one request takes from its project's limits. The request also takes one permit, and a concurrency slot while it runs.</summary>
/// <param name="ProjectId">The project, or another owner of limits.</param>
/// <param name="Limits">The limits in force for this request. A change of the limits applies to the next request.</param>
/// <param name="Tokens">Tokens to reserve, at least 0: the estimated input plus the largest possible output.</param>
public readonly record struct RateLimitCost(string ProjectId, RateLimits Limits, long Tokens);
