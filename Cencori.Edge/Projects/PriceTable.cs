using System.Collections.Frozen;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Prices by provider and model. Immutable. An exact name wins over a pattern, a longer pattern over a shorter one.</summary>
public sealed class PriceTable
{
    private readonly FrozenDictionary<string, OfProvider> _providers;

    /// <param name="prices">They keep to <see cref="PriceRules"/>.</param>
    public PriceTable(IReadOnlyList<ModelPrice> prices)
    {
        Entries = prices;
        _providers = prices.GroupBy(price => price.Provider, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => new OfProvider(group), StringComparer.Ordinal);
    }

    public static PriceTable Empty { get; } = new([]);

    /// <summary>As they were written.</summary>
    public IReadOnlyList<ModelPrice> Entries { get; }

    /// <summary>Of the best match that has a price on this day, the newest. Null: the model has none.</summary>
    public ModelPrice? Find(string provider, string model, DateTimeOffset at)
    {
        if (!_providers.TryGetValue(provider, out var prices))
        {
            return null;
        }

        var day = DateOnly.FromDateTime(at.UtcDateTime);
        if (prices.Exact.TryGetValue(model, out var versions) && On(day, versions) is { } exact)
        {
            return exact;
        }

        foreach (var (prefix, ofPattern) in prices.Patterns)
        {
            if (model.StartsWith(prefix, StringComparison.Ordinal) && On(day, ofPattern) is { } price)
            {
                return price;
            }
        }

        return null;
    }

    private static ModelPrice? On(DateOnly day, ModelPrice[] newestFirst)
    {
        foreach (var price in newestFirst)
        {
            if (price.From is not { } from || from <= day)
            {
                return price;
            }
        }

        return null;
    }

    private sealed class OfProvider
    {
        public OfProvider(IEnumerable<ModelPrice> prices)
        {
            var byModel = prices.GroupBy(price => price.Model, StringComparer.Ordinal)
                .Select(group => (Model: group.Key, Versions: group.OrderByDescending(price => price.From ?? DateOnly.MinValue).ToArray()))
                .ToLookup(group => group.Model.EndsWith('*'));
            Exact = byModel[false].ToFrozenDictionary(group => group.Model, group => group.Versions, StringComparer.Ordinal);
            Patterns = [.. byModel[true].Select(group => (group.Model[..^1], group.Versions)).OrderByDescending(group => group.Item1.Length)];
        }

        public FrozenDictionary<string, ModelPrice[]> Exact { get; }

        public (string Prefix, ModelPrice[] Versions)[] Patterns { get; }
    }
}
