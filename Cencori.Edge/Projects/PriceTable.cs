using System.Collections.Frozen;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Prices by provider and model. Immutable.</summary>
public sealed class PriceTable
{
    // Of each model the newest first.
    private readonly FrozenDictionary<string, ModelPatterns<ModelPrice>> _providers;

    /// <param name="prices">They keep to <see cref="PriceRules"/>.</param>
    public PriceTable(IReadOnlyList<ModelPrice> prices)
    {
        Entries = prices;
        _providers = prices.GroupBy(price => price.Provider, StringComparer.Ordinal).ToFrozenDictionary(
            group => group.Key,
            group => new ModelPatterns<ModelPrice>(group.OrderByDescending(price => price.From ?? DateOnly.MinValue).Select(price => (price.Model, price))),
            StringComparer.Ordinal);
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
        foreach (var newestFirst in prices.Of(model))
        {
            foreach (var price in newestFirst)
            {
                if (price.From is not { } from || from <= day)
                {
                    return price;
                }
            }
        }

        return null;
    }
}
