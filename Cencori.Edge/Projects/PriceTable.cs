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
            group => new ModelPatterns<ModelPrice>(group.OrderByDescending(price => price.From ?? DateOnly.MinValue).Select(price => (NameOf(price.Model), price))),
            StringComparer.Ordinal);
    }

    public static PriceTable Empty { get; } = new([]);

    /// <summary>As they were written.</summary>
    public IReadOnlyList<ModelPrice> Entries { get; }

    /// <summary>Model names are compared without regard to case and to spaces around them: so do providers, who take the money.</summary>
    public static string NameOf(string model) => model.Trim().ToLowerInvariant();

    /// <summary>
    /// Of the best match that has a price on this day the one for this tier and length, and of those the newest. A tier without a price
    /// of its own has the ordinary one. Null: the model has none.
    /// </summary>
    /// <param name="provider">Its id.</param>
    /// <param name="model">As it is sent to the provider.</param>
    /// <param name="at">The day, UTC.</param>
    /// <param name="tier">Null: the ordinary one.</param>
    /// <param name="inputTokens">Of the whole request.</param>
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
