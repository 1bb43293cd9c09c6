namespace Cencori.Edge.Metering;

/// <summary>The usage of one request.</summary>
/// <param name="PromptTokens">Input tokens, including cached ones.</param>
/// <param name="CachedTokens">The part of <paramref name="PromptTokens"/> that the provider read from its cache.</param>
/// <param name="CompletionTokens">Output tokens, including reasoning.</param>
/// <param name="IsEstimated">True when the provider reported no usage, or only a part, and the edge counted the rest from the text that passed.</param>
/// <param name="Images">Generated images, when they are not reported as tokens.</param>
/// <param name="Seconds">Seconds of audio, when they are not reported as tokens.</param>
public readonly record struct TokenUsage(long PromptTokens, long CachedTokens, long CompletionTokens, bool IsEstimated, int Images = 0, long Seconds = 0)
{
    /// <summary>Counts of tokens that may have their own price, such as cache writes and audio.</summary>
    public TokenDetails Details { get; init; }

    /// <summary>The service tier that the provider used, such as <c>flex</c> or <c>priority</c>. Null: the standard tier.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The cost that the provider reported, in US dollars. Null: not reported.</summary>
    public decimal? ReportedUsd { get; init; }

    /// <summary>True when the usage may have a cost: it has tokens, images or audio.</summary>
    public bool IsPaid => TotalTokens > 0 || Images > 0 || Seconds > 0;

    public long TotalTokens => PromptTokens + CompletionTokens;

    /// <summary>Adds two usages. Drops the fields that only determine the price of a single request, such as the tier.</summary>
    public static TokenUsage operator +(in TokenUsage left, in TokenUsage right) => new(
        left.PromptTokens + right.PromptTokens, left.CachedTokens + right.CachedTokens, left.CompletionTokens + right.CompletionTokens,
        left.IsEstimated || right.IsEstimated, left.Images + right.Images, left.Seconds + right.Seconds);
}
