namespace Cencori.Edge.Providers.Catalog;

/// <summary>Model name → providers that serve it. An exact name wins over a pattern, a longer pattern over a shorter one.</summary>
public sealed class ModelTable
{
    private readonly Dictionary<string, List<ProviderDefinition>> _exact = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, List<ProviderDefinition> Providers)> _prefixes;

    public ModelTable(IReadOnlyList<ProviderDefinition> providers)
    {
        var prefixes = new Dictionary<string, List<ProviderDefinition>>(StringComparer.Ordinal);
        foreach (var provider in providers)
        {
            foreach (var model in provider.Models)
            {
                if (model.EndsWith('*'))
                {
                    Add(prefixes, model[..^1], provider);
                }
                else
                {
                    Add(_exact, model, provider);
                    Listed.Add((model, provider));
                }
            }
        }

        _prefixes = [.. prefixes.Select(pair => (pair.Key, pair.Value)).OrderByDescending(pair => pair.Key.Length)];
    }

    /// <summary>Every name without a wildcard, with its provider.</summary>
    public List<(string Model, ProviderDefinition Provider)> Listed { get; } = [];

    /// <summary>Whether this name stands among <see cref="Listed"/>.</summary>
    public bool Lists(string model) => _exact.ContainsKey(model);

    /// <summary>The providers that serve this model best, in the order of their names; empty for an unknown model.</summary>
    public IReadOnlyList<ProviderDefinition> Find(string model)
    {
        if (_exact.TryGetValue(model, out var providers))
        {
            return providers;
        }

        foreach (var (prefix, served) in _prefixes)
        {
            if (model.StartsWith(prefix, StringComparison.Ordinal))
            {
                return served;
            }
        }

        return [];
    }

    private static void Add(Dictionary<string, List<ProviderDefinition>> table, string name, ProviderDefinition provider)
    {
        if (!table.TryGetValue(name, out var providers))
        {
            table[name] = providers = [];
        }

        if (!providers.Contains(provider))
        {
            providers.Add(provider);
        }
    }
}
