namespace Cencori.Edge.Providers.Catalog;

/// <summary>Providers that take models of each other by what their <c>Models</c> say, where they do not say that they mean to.</summary>
public static class ModelClaims
{
    private const int MaxNamed = 3;

    /// <summary>One sentence for each provider and each other that it takes models of, or that it names and there is not.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<ProviderDefinition> providers)
    {
        var ids = providers.Select(provider => provider.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var provider in providers)
        {
            foreach (var unknown in provider.TakesFrom.Where(id => !ids.Contains(id)))
            {
                yield return $"Cluster '{provider.Id}': Metadata:{ProviderDefinition.TakesFromKey} names no provider '{unknown}'.{Settings.NearestName.Suggest(unknown, ids)}";
            }

            foreach (var model in provider.Models.Where(model => model.Split('/', ':') is [var first, _, ..] && first != provider.Id && ids.Contains(first)))
            {
                yield return $"Cluster '{provider.Id}': Metadata:{ProviderDefinition.ModelsKey}: '{model}' is never reached, as it is read as a model of the provider '{model.Split('/', ':')[0]}'.";
            }

            // Each two are looked at once.
            foreach (var other in providers.Where(other => string.CompareOrdinal(provider.Id, other.Id) < 0 && !provider.TakesFrom.Contains(other.Id) && !other.TakesFrom.Contains(provider.Id)))
            {
                if ((Taken(provider, other, isFirst: true) ?? Taken(other, provider, isFirst: false)) is { } fault)
                {
                    yield return fault;
                }
            }
        }
    }

    private static string? Taken(ProviderDefinition provider, ProviderDefinition other, bool isFirst)
    {
        var pairs = provider.Models.SelectMany(mine => other.Models, (mine, theirs) => (Mine: mine, Theirs: theirs))
            .Where(pair => IsWithin(pair.Mine, pair.Theirs) || (isFirst && pair.Mine == pair.Theirs)).ToList();

        // Single names within the other's pattern say nothing where the pattern itself lies within one of these: then the other takes.
        if (pairs.Count == 0 || (pairs.All(pair => pair.Mine[^1] != '*') && other.Models.Any(theirs => theirs[^1] == '*' && provider.Models.Any(mine => IsWithin(theirs, mine)))))
        {
            return null;
        }

        var taken = pairs.Select(pair => pair.Mine == pair.Theirs ? $"'{pair.Mine}'" : $"'{pair.Mine}' of '{pair.Theirs}'").ToList();
        return $"Cluster '{provider.Id}': Metadata:{ProviderDefinition.ModelsKey} takes models of '{other.Id}': {string.Join(", ", taken.Take(MaxNamed))}"
            + $"{(taken.Count > MaxNamed ? $" and {taken.Count - MaxNamed} more" : "")}. If it should, let Metadata:{ProviderDefinition.TakesFromKey} name '{other.Id}'.";
    }

    // A provider with '*' alone serves what nobody else does.
    private static bool IsWithin(string mine, string theirs) =>
        theirs.Length > 1 && theirs[^1] == '*' && mine != theirs && mine.TrimEnd('*').StartsWith(theirs[..^1], StringComparison.Ordinal);
}
