namespace Cencori.Edge.Metering;

/// <summary>What a request can have used at most. What a provider tells beyond that is a mistake of its own.</summary>
/// <param name="Input">Input tokens, what was cached included.</param>
/// <param name="Output">Output tokens, reasoning included.</param>
public readonly record struct UsageBounds(long Input, long Output)
{
    private const int MaxImages = 1_000;
    private const long MaxSeconds = 24 * 60 * 60;

    // Above the dearest of all lists, in US dollars per million tokens; and for what is not told as tokens: tools, searches, images, sound.
    private const decimal DearestInput = 300;
    private const decimal DearestOutput = 1_200;
    private const decimal Million = 1_000_000;
    private const decimal BesideTokens = 2;

    public static UsageBounds None { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>Whether any provider may take as much for this usage, in US dollars.</summary>
    public static bool AllowCost(in TokenUsage usage, decimal usd) =>
        usd >= 0 && usd <= BesideTokens + (((usage.PromptTokens * DearestInput) + (usage.CompletionTokens * DearestOutput)) / Million);

    public bool Allow(in TokenUsage usage) =>
        usage.PromptTokens <= Input && usage.CompletionTokens <= Output && usage.Images <= MaxImages && usage.Seconds <= MaxSeconds;
}
