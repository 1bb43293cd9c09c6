using Cencori.Edge.Endpoints;
using Cencori.Edge.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>Holds yarp.json to the edge's own rules. What it throws makes YARP refuse the whole configuration.</summary>
public sealed class ProviderConfigFilter(IConfiguration configuration) : IProxyConfigFilter
{
    // YARP's timer would reset the client's connection; ours ends the stream politely and must be met first.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // As it stands, beside what YARP shows one by one.
    private readonly IConfigurationSection _routes = configuration.GetSection(ProviderFile.Section).GetSection("Routes");
    private readonly IConfigurationSection _clusters = configuration.GetSection(ProviderFile.Section).GetSection("Clusters");

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        var id = cluster.ClusterId;
        var route = ProviderDefinition.RouteIdOf(id);
        if (_routes.GetSection(route)[nameof(RouteConfig.ClusterId)] != id)
        {
            throw new ProviderFaultException($"Cluster '{id}' has no route '{route}' with the ClusterId '{id}', and is no provider without it.{Near(id, Names(_clusters))}");
        }

        if (cluster.Destinations is not { Count: > 0 })
        {
            throw new ProviderFaultException($"Cluster '{id}' has no Destinations.");
        }

        var request = cluster.HttpRequest ?? new();
        var timeout = request.ActivityTimeout ?? ProviderDefinition.DefaultActivityTimeout;
        return new(cluster with { HttpRequest = request with { ActivityTimeout = timeout + Grace } });
    }

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(route.AuthorizationPolicy) || route.AuthorizationPolicy.Equals("Anonymous", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' needs an AuthorizationPolicy: {AccessPolicy.Inference}, {AccessPolicy.DataPlane} or {AccessPolicy.Nobody}.");
        }

        if (route.ClusterId is not { } id || !Names(_clusters).Contains(id, StringComparer.OrdinalIgnoreCase))
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' leads to the cluster '{route.ClusterId}', which there is not.{NearestName.Suggest(route.ClusterId ?? "", Names(_clusters))}");
        }

        if (route.RouteId.StartsWith(ProviderDefinition.RouteIdOf(""), StringComparison.OrdinalIgnoreCase) && route.RouteId != ProviderDefinition.RouteIdOf(id))
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' leads to the cluster '{id}', whose route is '{ProviderDefinition.RouteIdOf(id)}'.");
        }

        if (route.RouteId == ProviderDefinition.RouteIdOf(id) && route.AuthorizationPolicy != AccessPolicy.Nobody)
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' leads to a provider without any check and needs the AuthorizationPolicy {AccessPolicy.Nobody}.");
        }

        return new(route);
    }

    private static IEnumerable<string> Names(IConfigurationSection section) => section.GetChildren().Select(child => child.Key);

    // The setting of a provider whose name is misspelt makes a cluster of its own.
    private static string Near(string id, IEnumerable<string> known) =>
        NearestName.Find(id, known.Where(name => !name.Equals(id, StringComparison.OrdinalIgnoreCase))) is { } near ? $" Did you mean '{near}'?" : "";
}
