namespace Cencori.Edge.RateLimiting;

/// <summary>What an edge has admitted without Redis, and not told it yet. Changed under the project's lock.</summary>
internal sealed class UnreportedUsage
{
    public long Requests { get; set; }

    public long Tokens { get; set; }

    public bool IsNothing => Requests == 0 && Tokens == 0;
}
