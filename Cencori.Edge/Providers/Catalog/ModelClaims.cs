namespace Cencori.Edge.Providers.Catalog;

/// <summary>Finds providers whose <c>Models</c> claim models of another provider without naming that provider in <c>TakesFrom</c>.</summary>
public static class ModelClaims
{
    private const int MaxNamed = 3;

    /// <summary>One sentence for each pair of providers with such a claim, for each unknown provider in <c>TakesFrom</c>, and for each model that is never used.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<ProviderDefinition> providers)
    {
        var ids = providers.Select(provider => provider.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var provider in providers)
        {
            foreach (var unknown in provider.TakesFrom.Where(id => !ids.Contains(id)))
            {
                yield return $"Cluster '{provider.Id}': Metadata:{ProviderDefinition.TakesFromKey} names the unknown provider '{unknown}'.{Settings.NearestName.Suggest(unknown, ids)}";
            }

            foreach (var model in provider.Models.Where(model => model.Split('/', ':') is [var first, _, ..] && first != provider.Id && ids.Contains(first)))
            {
                yield return $"Cluster '{provider.Id}': Metadata:{ProviderDefinition.ModelsKey}: '{model}' is never used, because the edge reads it as a model of the provider '{model.Split('/', ':')[0]}'.";
            }

            // The comparison of ids makes sure that each pair is checked once.
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
        var pairs = provider.Models.SelectMany(own => other.Models, (own, other) => (Mine: own, Theirs: other))
            .Where(pair => IsWithin(pair.Mine, pair.Theirs) || (isFirst && pair.Mine == pair.Theirs)).ToList();

        // If a pattern of the other provider is narrower than a pattern of this provider, the other provider takes models from this one, and the other call of
        // this method reports that. Names without '*' of this provider are then not reported as taken from the other provider.
        if (pairs.Count == 0 || (pairs.All(pair => pair.Mine[^1] != '*') && other.Models.Any(other => other[^1] == '*' && provider.Models.Any(own => IsWithin(other, own)))))
        {
            return null;
        }

        var taken = pairs.Select(pair => pair.Mine == pair.Theirs ? $"'{pair.Mine}'" : $"'{pair.Mine}' of '{pair.Theirs}'").ToList();
        return $"Cluster '{provider.Id}': Metadata:{ProviderDefinition.ModelsKey} takes models of '{other.Id}': {string.Join(", ", taken.Take(MaxNamed))}"
            + $"{(taken.Count > MaxNamed ? $" and {taken.Count - MaxNamed} more" : "")}. If this is intended, add '{other.Id}' to Metadata:{ProviderDefinition.TakesFromKey}.";
    }

    // False for the pattern '*' alone: it stands for models that no other provider serves, so a name of another provider takes nothing from it.
    private static bool IsWithin(string own, string other) =>
        other.Length > 1 && other[^1] == '*' && own != other && own.TrimEnd('*').StartsWith(other[..^1], StringComparison.Ordinal);
}
