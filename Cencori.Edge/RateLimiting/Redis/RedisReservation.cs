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

    /// <summary>True: Redis admitted the request, so the balance in Redis includes it.</summary>
    public bool IsInRedis { get; init; }

    /// <summary>The report of usage that includes this request, if this edge admitted the request without Redis. Null: Redis needs no such report.</summary>
    public UnreportedUsage? Unreported { get; init; }

    protected override void Release(long? actualTokens, bool isCancelled) => project?.End(this, actualTokens ?? reserved, isCancelled);
}
