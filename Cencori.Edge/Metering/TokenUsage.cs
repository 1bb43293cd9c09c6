namespace Cencori.Edge.Metering;

/// <summary>What one request used.</summary>
/// <param name="PromptTokens">Input, what was cached included.</param>
/// <param name="CachedTokens">Those of <paramref name="PromptTokens"/> that the provider had cached.</param>
/// <param name="CompletionTokens">Output, reasoning included.</param>
/// <param name="IsEstimated">The provider did not say, or not to the end, and the rest was counted from what passed.</param>
/// <param name="Images">Images made, where they are not told as tokens.</param>
/// <param name="Seconds">Seconds of sound, where they are not told as tokens.</param>
public readonly record struct TokenUsage(long PromptTokens, long CachedTokens, long CompletionTokens, bool IsEstimated, int Images = 0, long Seconds = 0)
{
    /// <summary>Those of the tokens that may have a price of their own.</summary>
    public TokenDetails Details { get; init; }

    /// <summary>In which the provider worked, as it calls it: <c>flex</c>, <c>priority</c>. Null: the ordinary one.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>What the provider says that it takes for it, in US dollars. Null: it does not say.</summary>
    public decimal? ReportedUsd { get; init; }

    /// <summary>Something was used that may have a price.</summary>
    public bool IsPaid => TotalTokens > 0 || Images > 0 || Seconds > 0;

    public long TotalTokens => PromptTokens + CompletionTokens;

    /// <summary>Of both together, but for what only decides the price of one.</summary>
    public static TokenUsage operator +(in TokenUsage left, in TokenUsage right) => new(
        left.PromptTokens + right.PromptTokens, left.CachedTokens + right.CachedTokens, left.CompletionTokens + right.CompletionTokens,
        left.IsEstimated || right.IsEstimated, left.Images + right.Images, left.Seconds + right.Seconds);
}
