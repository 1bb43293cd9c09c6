namespace Cencori.Edge.Metering;

/// <summary>The usage of one request.</summary>
/// <param name="PromptTokens">Input tokens, including cached ones.</param>
/// <param name="CachedTokens">The part of <paramref name="PromptTokens"/> that the provider read from its cache.</param>
/// <param name="CompletionTokens">Output tokens, including reasoning.</param>
/// <param name="IsEstimated">True when the provider reported nothing, or not all, and the rest was counted from the text that passed.</param>
/// <param name="Images">Generated images, when they are not reported as tokens.</param>
/// <param name="Seconds">Seconds of audio, when they are not reported as tokens.</param>
public readonly record struct TokenUsage(long PromptTokens, long CachedTokens, long CompletionTokens, bool IsEstimated, int Images = 0, long Seconds = 0)
{
    /// <summary>Token groups that may have their own price.</summary>
    public TokenDetails Details { get; init; }

    /// <summary>The tier that the provider used, by its name: <c>flex</c>, <c>priority</c>. Null: the standard tier.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The cost that the provider reported, in US dollars. Null: not reported.</summary>
    public decimal? ReportedUsd { get; init; }

    /// <summary>True when the usage may have a price.</summary>
    public bool IsPaid => TotalTokens > 0 || Images > 0 || Seconds > 0;

    public long TotalTokens => PromptTokens + CompletionTokens;

    /// <summary>The sum of both. Fields that only determine the price of one request are dropped.</summary>
    public static TokenUsage operator +(in TokenUsage left, in TokenUsage right) => new(
        left.PromptTokens + right.PromptTokens, left.CachedTokens + right.CachedTokens, left.CompletionTokens + right.CompletionTokens,
        left.IsEstimated || right.IsEstimated, left.Images + right.Images, left.Seconds + right.Seconds);
}
