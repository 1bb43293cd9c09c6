namespace Cencori.Edge.RateLimiting;

/// <summary>A request admitted beside or by Redis.</summary>
/// <param name="decision">As it is told to the client.</param>
/// <param name="project">Whose request it is; null for a refused one.</param>
/// <param name="reserved">Tokens.</param>
/// <param name="payer">The mirror of the token bucket.</param>
/// <param name="payerId">The token bucket in Redis that paid; 0 where Redis was not asked.</param>
internal sealed class RedisReservation(RateLimitDecision decision, RedisProject? project, long reserved, Bucket? payer, long payerId)
    : RateLimitReservation(decision)
{
    public long Reserved => reserved;

    public Bucket? Payer => payer;

    public long PayerId => payerId;

    /// <summary>Redis has admitted it, and counts the request.</summary>
    public bool IsInRedis { get; init; }

    /// <summary>Where this request was counted when it was admitted without Redis.</summary>
    public UnreportedUsage? Unreported { get; init; }

    protected override void Release(long? actualTokens, bool isCancelled) => project?.End(this, actualTokens ?? reserved, isCancelled);
}
