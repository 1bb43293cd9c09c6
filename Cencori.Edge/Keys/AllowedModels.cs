using Cencori.Edge.Models;

namespace Cencori.Edge.Keys;

/// <summary>Which models a key may use: entries <c>model</c> or <c>provider:model</c>, <c>*</c> at the end as wildcard.</summary>
public sealed class AllowedModels
{
    private readonly ModelPatterns<bool> _ofAnyProvider;

    // Names of models have colons too, so that any of an entry's may be the one behind its provider.
    private readonly Dictionary<string, ModelPatterns<bool>> _ofProvider;

    public AllowedModels(IEnumerable<string> entries)
    {
        var all = entries.ToList();
        _ofAnyProvider = Patterns(all);
        _ofProvider = all.SelectMany(Readings)
            .GroupBy(reading => reading.Provider, reading => reading.Model, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, Patterns, StringComparer.Ordinal);
    }

    public bool Allows(string provider, string model) =>
        _ofAnyProvider.Of(model).MoveNext() || (_ofProvider.TryGetValue(provider, out var patterns) && patterns.Of(model).MoveNext());

    private static ModelPatterns<bool> Patterns(IEnumerable<string> models) => new(models.Select(model => (model, true)));

    private static IEnumerable<(string Provider, string Model)> Readings(string entry)
    {
        for (var colon = entry.IndexOf(':'); colon >= 0; colon = entry.IndexOf(':', colon + 1))
        {
            yield return (entry[..colon], entry[(colon + 1)..]);
        }
    }
}
