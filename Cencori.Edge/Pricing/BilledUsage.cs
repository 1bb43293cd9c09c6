using Cencori.Edge.Metering;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Pricing;

/// <summary>What of a request is paid for.</summary>
/// <param name="Input">Input tokens, cached ones included.</param>
/// <param name="CachedInput">Those of <paramref name="Input"/> that the provider had cached.</param>
/// <param name="Output">Output tokens, reasoning included.</param>
/// <param name="Images">Images made.</param>
/// <param name="Minutes">Minutes of sound.</param>
public readonly record struct BilledUsage(long Input, long CachedInput, long Output, long Images = 0, decimal Minutes = 0)
{
    private const decimal Million = 1_000_000;
    private const decimal SecondsPerMinute = 60;

    public static BilledUsage Of(in TokenUsage usage) =>
        new(usage.PromptTokens, usage.CachedTokens, usage.CompletionTokens, usage.Images, usage.Seconds / SecondsPerMinute);

    /// <summary>In US dollars, exactly. Null where something was used that <paramref name="price"/> does not know.</summary>
    public decimal? At(ModelPrice price)
    {
        // What is paid by the image or the minute is not free because nobody has counted it.
        var isCounted = Images != 0 || Minutes != 0 || price.Input is not null;
        if (!isCounted
            || ((Input != 0 || Output != 0) && price.Input is null)
            || (Images != 0 && price.PerImage is null)
            || (Minutes != 0 && price.PerMinute is null))
        {
            return null;
        }

        var cached = Math.Clamp(CachedInput, 0, Input);
        var input = price.Input ?? 0;
        var tokens = ((Input - cached) * input) + (cached * (price.CachedInput ?? input)) + (Output * (price.Output ?? 0));
        return (tokens / Million) + (Images * (price.PerImage ?? 0)) + (Minutes * (price.PerMinute ?? 0));
    }
}
