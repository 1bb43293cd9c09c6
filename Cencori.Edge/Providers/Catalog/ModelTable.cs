using Cencori.Edge.Models;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>Maps a model name to the providers that serve it, by each provider's patterns.</summary>
public sealed class ModelTable
{
    private readonly ModelPatterns<ProviderDefinition> _patterns;

    public ModelTable(IReadOnlyList<ProviderDefinition> providers)
    {
        var entries = providers.SelectMany(provider => provider.Models.Distinct(StringComparer.Ordinal).Select(model => (Model: model, Provider: provider))).ToList();
        _patterns = new ModelPatterns<ProviderDefinition>(entries);
        Listed = entries.FindAll(entry => _patterns.Names(entry.Model));
    }

    /// <summary>Every model name without a wildcard, with its provider.</summary>
    public IReadOnlyList<(string Model, ProviderDefinition Provider)> Listed { get; }

    /// <summary>True if <see cref="Listed"/> holds this name.</summary>
    public bool Lists(string model) => _patterns.Names(model);

    /// <summary>The providers whose pattern matches this model best, ordered by name; empty for an unknown model.</summary>
    public IReadOnlyList<ProviderDefinition> Find(string model)
    {
        foreach (var best in _patterns.Of(model))
        {
            return best;
        }

        return [];
    }
}
