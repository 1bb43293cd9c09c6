using System.Text.Json;
using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>What a list of prices must keep to, wherever it comes from.</summary>
public static class PriceRules
{
    /// <summary>Entries in one list at most.</summary>
    public const int MaxEntries = 10_000;

    // Far above any price, and low enough that no sum of money leaves the range of decimal.
    private const decimal Max = 1_000_000;
    private const int MaxNameLength = 256;

    /// <summary>How prices are written in JSON: snake_case, and an unknown member is an error, not a price ignored.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Null, or what is wrong with the first entry that is, and the name of the field.</summary>
    public static (string Message, string Field)? Check(IReadOnlyList<ModelPrice?> prices)
    {
        if (prices.Count > MaxEntries)
        {
            return ($"There are more than {MaxEntries} prices.", "prices");
        }

        var seen = new HashSet<(string, string, DateOnly?)>();
        for (var i = 0; i < prices.Count; i++)
        {
            var place = $"prices[{i}]";
            if (prices[i] is not { } price)
            {
                return ($"{place} is null.", place);
            }

            if (Check(price) is var (message, field))
            {
                return ($"{place} ({price.Provider} {price.Model}): {message}", $"{place}.{field}");
            }

            if (!seen.Add((price.Provider, price.Model, price.From)))
            {
                return ($"{place}: '{price.Provider}' has a price for '{price.Model}' from this day already.", place);
            }
        }

        return null;
    }

    private static (string Message, string Field)? Check(ModelPrice price)
    {
        if (!IsName(price.Provider) || price.Provider.Contains('*'))
        {
            return ($"provider is the id of one provider, of 1 to {MaxNameLength} characters.", "provider");
        }

        if (!IsName(price.Model) || price.Model.AsSpan()[..^1].Contains('*'))
        {
            return ($"model is a name of 1 to {MaxNameLength} characters, with '*' only at the end.", "model");
        }

        foreach (var (field, value) in Amounts(price))
        {
            if (value is < 0 or > Max)
            {
                return ($"{field} is 0 to {Max} US dollars.", field);
            }
        }

        if (price.Input is null != price.Output is null)
        {
            return ("input and output stand together or not at all; an embedding's output is 0.", price.Input is null ? "input" : "output");
        }

        if (price is { CachedInput: not null, Input: null })
        {
            return ("cached_input needs input beside it.", "cached_input");
        }

        return price is { Input: null, PerImage: null, PerMinute: null } ? ("it has no price at all.", "input") : null;
    }

    private static IEnumerable<(string Field, decimal? Value)> Amounts(ModelPrice price) =>
    [
        ("input", price.Input), ("cached_input", price.CachedInput), ("output", price.Output), ("per_image", price.PerImage), ("per_minute", price.PerMinute),
    ];

    private static bool IsName(string? name) => name?.Length is > 0 and <= MaxNameLength && !name.Any(char.IsControl);
}
