namespace Cencori.Edge.RateLimiting;

/// <summary>The reply of <see cref="RedisScript"/> to one acquire.</summary>
/// <param name="IsAdmitted">True: every bucket paid. False: none did.</param>
/// <param name="Requests">Level of the request bucket afterwards, in the script's units.</param>
/// <param name="Tokens">Level of the token bucket afterwards, in the script's units.</param>
/// <param name="Slots">Slots held on all edges afterwards.</param>
internal readonly record struct RedisReply(bool IsAdmitted, long Requests, long Tokens, long Slots);
