using System.Collections.Frozen;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>The providers of the active configuration. The whole catalog is replaced when yarp.json changes and the change is valid.</summary>
public sealed class ProviderCatalog : IConfigChangeListener
{
    private volatile FrozenDictionary<string, ProviderDefinition> _providers = FrozenDictionary<string, ProviderDefinition>.Empty;
    private volatile ModelTable _models = new([]);

    public IReadOnlyCollection<ProviderDefinition> All => _providers.Values;

    public ModelTable Models => _models;

    /// <summary>Doubtful points of the active configuration that an operator should check, one sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    public ProviderDefinition? Find(string id) => _providers.GetValueOrDefault(id);

    /// <summary>Finds a provider by a slice of a text, without allocating a string.</summary>
    public ProviderDefinition? Find(ReadOnlySpan<char> id) =>
        _providers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id, out var provider) ? provider : null;

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        var routes = proxyConfigs.SelectMany(config => config.Routes).ToLookup(route => route.RouteId, StringComparer.OrdinalIgnoreCase);
        var providers = proxyConfigs
            .SelectMany(config => config.Clusters)
            .Where(cluster => routes[ProviderDefinition.RouteIdOf(cluster.ClusterId)].Any(route => route.ClusterId == cluster.ClusterId))
            .Select(cluster => ProviderDefinition.TryCreate(cluster, out var provider, out _) ? provider : null)
            .OfType<ProviderDefinition>()
            .ToList();
        _providers = providers.ToFrozenDictionary(provider => provider.Id, StringComparer.Ordinal);
        _models = new ModelTable(providers);
        Warnings = [.. ModelClaims.Faults(providers)];
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
    {
    }

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
    {
    }
}
