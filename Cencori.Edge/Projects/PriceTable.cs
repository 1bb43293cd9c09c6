using System.Collections.Frozen;
using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Finds the price of a provider's model. Immutable.</summary>
public sealed class PriceTable
{
    // By provider id. The prices of each model are sorted newest first.
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

    /// <summary>The prices in the order in which the constructor received them.</summary>
    public IReadOnlyList<ModelPrice> Entries { get; }

    /// <summary>Normalizes a model name for comparison: without case and surrounding spaces, because providers ignore them too when they bill.</summary>
    public static string NameOf(string model) => model.Trim().ToLowerInvariant();

    /// <summary>
    /// Finds the price that applies to a request. Of the names and patterns that match the model, the most specific one with a price on this day
    /// is used. Of its prices, a price for the tier is preferred to the standard price, then the price with the largest minimum of input tokens,
    /// then the newest. Null: no price.
    /// </summary>
    /// <param name="provider">Id of the provider.</param>
    /// <param name="model">Model as sent to the provider.</param>
    /// <param name="at">The day, UTC.</param>
    /// <param name="tier">Service tier, as the provider names it. Null: the standard tier.</param>
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
