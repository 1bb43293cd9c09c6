namespace Cencori.Edge.Metering;

/// <summary>The largest plausible usage of a request. A reported usage above it is an error of the provider.</summary>
/// <param name="Input">Input tokens, including cached ones.</param>
/// <param name="Output">Output tokens, including reasoning.</param>
public readonly record struct UsageBounds(long Input, long Output)
{
    private const int MaxImages = 1_000;
    private const long MaxSeconds = 24 * 60 * 60;

    // Bounds of a plausible cost. The two prices are in US dollars per million tokens, and higher than every list price. MaxOtherCost is for tools,
    // searches, images and audio that are not billed as tokens.
    private const decimal MaxInputPrice = 300;
    private const decimal MaxOutputPrice = 1_200;
    private const decimal Million = 1_000_000;
    private const decimal MaxOtherCost = 2;

    public static UsageBounds None { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>True when this cost in US dollars is plausible for this usage.</summary>
    public static bool AllowCost(in TokenUsage usage, decimal usd) =>
        usd >= 0 && usd <= MaxOtherCost + (((usage.PromptTokens * MaxInputPrice) + (usage.CompletionTokens * MaxOutputPrice)) / Million);

    public bool Allow(in TokenUsage usage) =>
        usage.PromptTokens <= Input && usage.CompletionTokens <= Output && usage.Images <= MaxImages && usage.Seconds <= MaxSeconds;
}
