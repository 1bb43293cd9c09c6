namespace Cencori.Edge.Models;

/// <summary>The models that a key or a credential may use: entries <c>model</c> or <c>provider:model</c>, with <c>*</c> at the end as a wildcard.</summary>
public sealed class AllowedModels
{
    private readonly ModelPatterns<bool> _ofAnyProvider;

    // Model names may contain colons too. So any colon of an entry may be the one that separates provider and model, and all are tried.
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

    /// <summary>True if one of the other entries allows everything that <paramref name="entry"/> allows. Does not combine several other entries.</summary>
    /// <param name="entry">The entry to check.</param>
    /// <param name="others">The entries that it is compared with.</param>
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
