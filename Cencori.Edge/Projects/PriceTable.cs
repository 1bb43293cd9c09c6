using System.Collections.Frozen;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Prices by provider and model. Immutable.</summary>
public sealed class PriceTable
{
    // Prices of each model, newest first.
    private readonly FrozenDictionary<string, ModelPatterns<ModelPrice>> _providers;

    /// <param name="prices">Prices that satisfy <see cref="PriceRules"/>.</param>
    public PriceTable(IReadOnlyList<ModelPrice> prices)
    {
        Entries = prices;
        _providers = prices.GroupBy(price => price.Provider, StringComparer.Ordinal).ToFrozenDictionary(
            group => group.Key,
            group => new ModelPatterns<ModelPrice>(group.OrderByDescending(price => price.From ?? DateOnly.MinValue).Select(price => (NameOf(price.Model), price))),
            StringComparer.Ordinal);
    }

    public static PriceTable Empty { get; } = new([]);

    /// <summary>The prices as given.</summary>
    public IReadOnlyList<ModelPrice> Entries { get; }

    /// <summary>Model names are compared without case and surrounding spaces, because providers do the same when they bill.</summary>
    public static string NameOf(string model) => model.Trim().ToLowerInvariant();

    /// <summary>
    /// Finds the best matching model with a price on this day; among its prices the one for this tier and length, then the newest.
    /// A tier without its own price uses the standard price. Null: no price.
    /// </summary>
    /// <param name="provider">Id of the provider.</param>
    /// <param name="model">Model as sent to the provider.</param>
    /// <param name="at">The day, UTC.</param>
    /// <param name="tier">Null: the standard tier.</param>
    /// <param name="inputTokens">Input tokens of the whole request.</param>
    public ModelPrice? Find(string provider, string model, DateTimeOffset at, string? tier = null, long inputTokens = 0)
    {
        if (!_providers.TryGetValue(provider, out var prices))
        {
            return null;
        }

        var day = DateOnly.FromDateTime(at.UtcDateTime);
        foreach (var newestFirst in prices.Of(NameOf(model)))
        {
            ModelPrice? best = null;
            foreach (var price in newestFirst)
            {
                if (!(price.From > day) && (price.ServiceTier is null || price.ServiceTier == tier) && !(price.AboveInputTokens >= inputTokens) && (best is null || IsCloser(price, best)))
                {
                    best = price;
                }
            }

            if (best is not null)
            {
                return best;
            }
        }

        return null;
    }

    private static bool IsCloser(ModelPrice price, ModelPrice than) => (price.ServiceTier is null) == (than.ServiceTier is null)
        ? (price.AboveInputTokens ?? 0) > (than.AboveInputTokens ?? 0)
        : than.ServiceTier is null;
}
