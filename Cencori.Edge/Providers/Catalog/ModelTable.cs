using Cencori.Edge.Models;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>Model name → providers that serve it, by the patterns of each.</summary>
public sealed class ModelTable
{
    private readonly ModelPatterns<ProviderDefinition> _patterns;

    public ModelTable(IReadOnlyList<ProviderDefinition> providers)
    {
        var entries = providers.SelectMany(provider => provider.Models.Distinct(StringComparer.Ordinal).Select(model => (Model: model, Provider: provider))).ToList();
        _patterns = new ModelPatterns<ProviderDefinition>(entries);
        Listed = entries.FindAll(entry => _patterns.Names(entry.Model));
    }

    /// <summary>Every name without a wildcard, with its provider.</summary>
    public IReadOnlyList<(string Model, ProviderDefinition Provider)> Listed { get; }

    /// <summary>Whether this name stands among <see cref="Listed"/>.</summary>
    public bool Lists(string model) => _patterns.Names(model);

    /// <summary>The providers that serve this model best, in the order of their names; empty for an unknown model.</summary>
    public IReadOnlyList<ProviderDefinition> Find(string model)
    {
        foreach (var best in _patterns.Of(model))
        {
            return best;
        }

        return [];
    }
}
