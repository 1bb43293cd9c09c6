using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>The sections and members that yarp.json may hold.</summary>
internal sealed record ProxyShape
{
    public IReadOnlyDictionary<string, RouteConfig>? Routes { get; init; }

    public IReadOnlyDictionary<string, ClusterConfig>? Clusters { get; init; }
}
