using Cencori.Edge.Metering;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Pricing;

/// <summary>Computes the cost of a usage.</summary>
public static class PricedUsage
{
    private const decimal Million = 1_000_000;
    private const decimal SecondsPerMinute = 60;

    /// <summary>The exact cost in US dollars. Null: the usage has a part for which <paramref name="price"/> has no price.</summary>
    public static decimal? At(this in TokenUsage usage, ModelPrice price) => usage is { TotalTokens: not 0, Seconds: not 0 } ? AtOne(usage, price) : AtAll(usage, price);

    // Providers that report tokens and seconds of the same audio charge for one of them.
    private static decimal? AtOne(in TokenUsage usage, ModelPrice price) =>
        AtAll(price.Input is null ? new(0, 0, 0, usage.IsEstimated, usage.Images, usage.Seconds) : usage with { Seconds = 0 }, price);

    private static decimal? AtAll(in TokenUsage usage, ModelPrice price)
    {
        // If the model has only a price per image or minute, the cost of a usage without images and audio is unknown, not zero.
        var isCounted = usage.Images != 0 || usage.Seconds != 0 || price.Input is not null;
        if (!isCounted
            || (usage.TotalTokens != 0 && price.Input is null)
            || (usage.Images != 0 && price.PerImage is null)
            || (usage.Seconds != 0 && price.PerMinute is null))
        {
            return null;
        }

        return ((InputAt(usage, price) + OutputAt(usage, price)) / Million)
            + (usage.Images * (price.PerImage ?? 0)) + (usage.Seconds / SecondsPerMinute * (price.PerMinute ?? 0));
    }

    private static decimal InputAt(in TokenUsage usage, ModelPrice price)
    {
        // A provider may report more tokens of one kind, such as cached tokens, than tokens in total. Take reduces that number to the tokens that are left.
        var (details, rest) = (usage.Details, usage.PromptTokens);
        var cached = Take(ref rest, usage.CachedTokens);
        var cachedAudio = Take(ref cached, details.CachedAudioInput);
        var cachedImage = Take(ref cached, details.CachedImageInput);
        var written = Take(ref rest, details.CacheWrites);
        var hourWritten = Take(ref written, details.HourCacheWrites);
        var audio = Take(ref rest, details.AudioInput - cachedAudio);
        var image = Take(ref rest, details.ImageInput - cachedImage);

        var input = price.Input ?? 0;
        var (inputAudio, inputImage, write) = (price.InputAudio ?? input, price.InputImage ?? input, price.CacheWrite ?? input);
        return (rest * input)
            + (cached * (price.CachedInput ?? input))
            + (written * write)
            + (hourWritten * (price.HourCacheWrite ?? write))
            + (audio * inputAudio)
            + (cachedAudio * (price.CachedInputAudio ?? inputAudio))
            + (image * inputImage)
            + (cachedImage * (price.CachedInputImage ?? inputImage));
    }

    private static decimal OutputAt(in TokenUsage usage, ModelPrice price)
    {
        var rest = usage.CompletionTokens;
        var audio = Take(ref rest, usage.Details.AudioOutput);
        var image = Take(ref rest, usage.Details.ImageOutput);
        var output = price.Output ?? 0;
        return (rest * output) + (audio * (price.OutputAudio ?? output)) + (image * (price.OutputImage ?? output));
    }

    private static long Take(ref long rest, long part)
    {
        var taken = Math.Clamp(part, 0, rest);
        rest -= taken;
        return taken;
    }
}
