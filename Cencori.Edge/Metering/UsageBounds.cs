namespace Cencori.Edge.Metering;

/// <summary>What a request can have used at most. What a provider tells beyond that is a mistake of its own.</summary>
/// <param name="Input">Input tokens, what was cached included.</param>
/// <param name="Output">Output tokens, reasoning included.</param>
public readonly record struct UsageBounds(long Input, long Output)
{
    private const int MostImages = 1_000;
    private const long MostSeconds = 24 * 60 * 60;

    public static UsageBounds None { get; } = new(long.MaxValue, long.MaxValue);

    public bool Allow(in TokenUsage usage) =>
        usage.PromptTokens <= Input && usage.CompletionTokens <= Output && usage.Images <= MostImages && usage.Seconds <= MostSeconds;
}
