namespace Cencori.Edge.RateLimiting;

/// <summary>What <see cref="RedisScript"/> answers to one acquire.</summary>
/// <param name="IsAdmitted">Paid from every bucket, or from none.</param>
/// <param name="Requests">Level of the request bucket since, in the script's units.</param>
/// <param name="Tokens">Level of the token bucket since, in the script's units.</param>
/// <param name="Slots">Slots held on all edges since.</param>
internal readonly record struct RedisReply(bool IsAdmitted, long Requests, long Tokens, long Slots);
