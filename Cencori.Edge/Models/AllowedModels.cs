namespace Cencori.Edge.Models;

/// <summary>Which models a key, or a credential, may be used for: entries <c>model</c> or <c>provider:model</c>, <c>*</c> at the end as wildcard.</summary>
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

    /// <summary>True where whatever a key with the one entry may use, a key with the others may use as well. It may be false where only their sum says so.</summary>
    /// <param name="entry">One.</param>
    /// <param name="others">What it is held against.</param>
    public static bool IsCovered(string entry, IEnumerable<string> others)
    {
        var wider = others.SelectMany(AllReadings).ToList();
        return AllReadings(entry).All(reading => wider.Exists(
            other => (other.Provider is null || other.Provider == reading.Provider) && IsCovered(reading.Model, other.Model)));
    }

    private static bool IsCovered(string pattern, string other) =>
        pattern == other || (other.EndsWith('*') && pattern.AsSpan().TrimEnd('*').StartsWith(other.AsSpan(0, other.Length - 1), StringComparison.Ordinal));

    private static IEnumerable<(string? Provider, string Model)> AllReadings(string entry) =>
        Readings(entry).Select(reading => ((string?)reading.Provider, reading.Model)).Prepend((null, entry));

    private static ModelPatterns<bool> Patterns(IEnumerable<string> models) => new(models.Select(model => (model, true)));

    private static IEnumerable<(string Provider, string Model)> Readings(string entry)
    {
        for (var colon = entry.IndexOf(':'); colon >= 0; colon = entry.IndexOf(':', colon + 1))
        {
            yield return (entry[..colon], entry[(colon + 1)..]);
        }
    }
}
