using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>What the section that YARP reads may hold.</summary>
internal sealed record ProxyShape
{
    public IReadOnlyDictionary<string, RouteConfig>? Routes { get; init; }

    public IReadOnlyDictionary<string, ClusterConfig>? Clusters { get; init; }
}
