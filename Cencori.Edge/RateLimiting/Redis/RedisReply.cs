namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>The reply of <see cref="RedisScript"/> to one acquire.</summary>
/// <param name="IsAdmitted">True: every limited bucket paid for the request. False: no bucket paid.</param>
/// <param name="Requests">Level of the request bucket after the acquire, in the script's units.</param>
/// <param name="Tokens">Level of the token bucket after the acquire, in the script's units.</param>
/// <param name="Slots">Slots held on all edges after the acquire.</param>
internal readonly record struct RedisReply(bool IsAdmitted, long Requests, long Tokens, long Slots);
