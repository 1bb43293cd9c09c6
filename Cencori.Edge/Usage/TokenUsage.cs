namespace Cencori.Edge.Usage;

/// <summary>What one request used.</summary>
/// <param name="PromptTokens">Input, what was cached included.</param>
/// <param name="CachedTokens">Those of <paramref name="PromptTokens"/> that the provider had cached.</param>
/// <param name="CompletionTokens">Output, reasoning included.</param>
/// <param name="IsEstimated">The provider did not say, or not to the end, and the rest was counted from what passed.</param>
public readonly record struct TokenUsage(long PromptTokens, long CachedTokens, long CompletionTokens, bool IsEstimated)
{
    public long TotalTokens => PromptTokens + CompletionTokens;
}
