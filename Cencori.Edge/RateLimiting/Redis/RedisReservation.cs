namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>A reservation of the Redis limiter, admitted by Redis or without it.</summary>
/// <param name="decision">The decision as shown to the client.</param>
/// <param name="project">The project; null for a refused request.</param>
/// <param name="reserved">Reserved tokens.</param>
/// <param name="payer">The mirror of the token bucket that paid.</param>
/// <param name="payerId">The token bucket in Redis that paid; 0 if Redis was not asked.</param>
internal sealed class RedisReservation(RateLimitDecision decision, RedisProject? project, long reserved, Bucket? payer, long payerId)
    : RateLimitReservation(decision)
{
    public long Reserved => reserved;

    public Bucket? Payer => payer;

    public long PayerId => payerId;

    /// <summary>Whether Redis admitted the request and counts it.</summary>
    public bool IsInRedis { get; init; }

    /// <summary>The unreported usage that includes this request, if it was admitted without Redis. Null: it was not.</summary>
    public UnreportedUsage? Unreported { get; init; }

    protected override void Release(long? actualTokens, bool isCancelled) => project?.End(this, actualTokens ?? reserved, isCancelled);
}
