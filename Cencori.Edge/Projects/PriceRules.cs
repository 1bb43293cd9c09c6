using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Checks price lists, from files and from the API.</summary>
public static class PriceRules
{
    /// <summary>Maximum number of entries in a price list.</summary>
    public const int MaxEntries = 10_000;

    // Maximum price in US dollars. It is far above any real price, and small enough that no sum exceeds the range of decimal.
    private const decimal Max = 1_000_000;
    private const int MaxNameLength = 256;
    private const int MaxSourceLength = 1_024;

    /// <summary>Settings for reading and writing prices as JSON: snake_case. An unknown member is an error, so that no price is silently ignored.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Checks all entries. Returns null if they are valid, or the message and field of the first error.</summary>
    public static (string Message, string Field)? Check(IReadOnlyList<ModelPrice?> prices)
    {
        if (prices.Count > MaxEntries)
        {
            return ($"There must be at most {MaxEntries} prices.", "prices");
        }

        var seen = new HashSet<(string, string, DateOnly?, string?, long?)>();
        for (var i = 0; i < prices.Count; i++)
        {
            var place = $"prices[{i}]";
            if (prices[i] is not { } price)
            {
                return ($"{place} must not be null.", place);
            }

            if (Check(price) is var (message, field))
            {
                return ($"{place} ({price.Provider} {price.Model}): {message}", $"{place}.{field}");
            }

            if (!seen.Add((price.Provider, PriceTable.NameOf(price.Model), price.From, price.ServiceTier, price.AboveInputTokens)))
            {
                return ($"{place}: an earlier entry has the same provider, model, from, service_tier and above_input_tokens. Each combination must appear only once.", place);
            }
        }

        return null;
    }

    private static (string Message, string Field)? Check(ModelPrice price)
    {
        if (!IsName(price.Provider) || price.Provider.Contains('*'))
        {
            return ($"provider must be the id of one provider, of 1 to {MaxNameLength} characters.", "provider");
        }

        if (!IsName(price.Model) || price.Model.AsSpan()[..^1].Contains('*'))
        {
            return ($"model must be a name of 1 to {MaxNameLength} characters, with '*' only at the end.", "model");
        }

        foreach (var (amount, value) in Amounts(price))
        {
            if (value is < 0 or > Max)
            {
                return ($"{amount} must be 0 to {Max} US dollars.", amount);
            }
        }

        if (price.Input is null != price.Output is null)
        {
            return ("input and output must be given together. For an embedding model, output is 0.", price.Input is null ? "input" : "output");
        }

        if (price.Input is null && Array.Find(OfTokens(price), amount => amount.Value is not null) is { Field: { } field })
        {
            return ($"{field} can be given only together with input and output.", field);
        }

        if (price.ServiceTier is { } tier && (!IsName(tier) || ServiceTiers.Find(Encoding.UTF8.GetBytes(tier)) != tier))
        {
            return ("service_tier must be the provider's name of a tier other than the standard tier, in lower case.", "service_tier");
        }

        if (price.AboveInputTokens <= 0)
        {
            return ("above_input_tokens must be 1 or more.", "above_input_tokens");
        }

        if (price.Source?.Length > MaxSourceLength)
        {
            return ($"source must have at most {MaxSourceLength} characters.", "source");
        }

        return price is { Input: null, PerImage: null, PerMinute: null } ? ("it must have at least one of input, per_image and per_minute.", "input") : null;
    }

    private static (string Field, decimal? Value)[] Amounts(ModelPrice price) =>
        [("input", price.Input), ("output", price.Output), ("per_image", price.PerImage), ("per_minute", price.PerMinute), .. OfTokens(price)];

    // The prices per token other than those for input and output, with their field names.
    private static (string Field, decimal? Value)[] OfTokens(ModelPrice price) =>
    [
        ("cached_input", price.CachedInput), ("cache_write", price.CacheWrite), ("cache_write_1h", price.HourCacheWrite),
        ("input_audio", price.InputAudio), ("cached_input_audio", price.CachedInputAudio), ("output_audio", price.OutputAudio),
        ("input_image", price.InputImage), ("cached_input_image", price.CachedInputImage), ("output_image", price.OutputImage),
    ];

    private static bool IsName(string? name) => name?.Length is > 0 and <= MaxNameLength && !name.Any(char.IsControl);
}
