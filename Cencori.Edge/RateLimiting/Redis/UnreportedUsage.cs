namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>Usage that this edge admitted without Redis, and has not reported yet. Guarded by the project's lock.</summary>
internal sealed class UnreportedUsage
{
    public long Requests { get; set; }

    public long Tokens { get; set; }

    public bool IsEmpty => Requests == 0 && Tokens == 0;
}
