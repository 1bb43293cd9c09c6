using Cencori.Edge.Projects;

namespace Cencori.Edge.RateLimiting;

/// <summary>What one request asks of its project's limits, besides the request itself and a slot while it runs.</summary>
/// <param name="ProjectId">Whose balance pays.</param>
/// <param name="Limits">The project's limits as of this request: a change holds from the next cost on.</param>
/// <param name="Tokens">Tokens to reserve, at least 0: the estimated input plus the most the output may take.</param>
public readonly record struct RateLimitCost(string ProjectId, RateLimits Limits, long Tokens);
