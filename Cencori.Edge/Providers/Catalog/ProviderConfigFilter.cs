using Cencori.Edge.Endpoints;
using Cencori.Edge.Settings;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Providers.Catalog;

/// <summary>Checks yarp.json against the edge's own rules. An exception makes YARP reject the whole configuration.</summary>
public sealed class ProviderConfigFilter(IConfiguration configuration) : IProxyConfigFilter
{
    // YARP's activity timeout is longer than the edge's own by this time. The edge's timeout must fire first: the edge ends the stream
    // with an error event, whereas YARP would reset the connection.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Read from the raw configuration: the checks need all routes and clusters, but YARP passes them to the filter one at a time.
    private readonly IConfigurationSection _routes = configuration.GetSection(ProviderFile.Section).GetSection("Routes");
    private readonly IConfigurationSection _clusters = configuration.GetSection(ProviderFile.Section).GetSection("Clusters");

    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel)
    {
        var id = cluster.ClusterId;
        var route = ProviderDefinition.RouteIdOf(id);
        if (_routes.GetSection(route)[nameof(RouteConfig.ClusterId)] != id)
        {
            throw new ProviderFaultException($"Cluster '{id}' is not a provider: it has no route '{route}' with the ClusterId '{id}'.{Near(id, Names(_clusters))}");
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
            throw new ProviderFaultException($"Route '{route.RouteId}' needs an AuthorizationPolicy: {AccessPolicy.Inference}, {AccessPolicy.DataPlane} or {AccessPolicy.NoCaller}.");
        }

        if (route.ClusterId is not { } id || !Names(_clusters).Contains(id, StringComparer.OrdinalIgnoreCase))
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' leads to the cluster '{route.ClusterId}', which does not exist.{NearestName.Suggest(route.ClusterId ?? "", Names(_clusters))}");
        }

        if (route.RouteId.StartsWith(ProviderDefinition.RouteIdOf(""), StringComparison.OrdinalIgnoreCase) && route.RouteId != ProviderDefinition.RouteIdOf(id))
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' leads to the cluster '{id}', but the route of that cluster must be named '{ProviderDefinition.RouteIdOf(id)}'.");
        }

        if (route.RouteId == ProviderDefinition.RouteIdOf(id) && route.AuthorizationPolicy != AccessPolicy.NoCaller)
        {
            throw new ProviderFaultException($"Route '{route.RouteId}' leads directly to a provider, without routing or limits: it needs the AuthorizationPolicy {AccessPolicy.NoCaller}.");
        }

        return new(route);
    }

    private static IEnumerable<string> Names(IConfigurationSection section) => section.GetChildren().Select(child => child.Key);

    // Suggests the correct name. A setting with a misspelt provider name overrides nothing, but creates a new cluster with the wrong name.
    private static string Near(string id, IEnumerable<string> known) =>
        NearestName.Find(id, known.Where(name => !name.Equals(id, StringComparison.OrdinalIgnoreCase))) is { } near ? $" Did you mean '{near}'?" : "";
}
