namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>Usage that this edge admitted while Redis was unavailable, and has not reported to Redis yet. The lock of the project guards it.</summary>
internal sealed class UnreportedUsage
{
    public long Requests { get; set; }

    public long Tokens { get; set; }

    public bool IsEmpty => Requests == 0 && Tokens == 0;
}
