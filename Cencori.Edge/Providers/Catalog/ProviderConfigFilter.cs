using Cencori.Edge.Endpoints;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>Holds yarp.json to the edge's own rules. What it throws makes YARP refuse the whole configuration.</summary>
public sealed class ProviderConfigFilter : IProxyConfigFilter
{
    // YARP's timer would reset the client's connection; ours ends the stream politely and must be met first.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        var request = cluster.HttpRequest ?? new();
        var timeout = request.ActivityTimeout ?? ProviderDefinition.DefaultActivityTimeout;
        return new(cluster with { HttpRequest = request with { ActivityTimeout = timeout + Grace } });
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(route.AuthorizationPolicy) || route.AuthorizationPolicy.Equals("Anonymous", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"Route '{route.RouteId}' needs an AuthorizationPolicy: {AccessPolicy.Inference}, {AccessPolicy.DataPlane} or {AccessPolicy.Nobody}.");
        }

        if (cluster is not null && route.RouteId == ProviderDefinition.RouteIdOf(cluster.ClusterId) && route.AuthorizationPolicy != AccessPolicy.Nobody)
        {
            throw new ArgumentException($"Route '{route.RouteId}' leads to a provider without any check and needs the AuthorizationPolicy {AccessPolicy.Nobody}.");
        }

        return new(route);
    }
}
