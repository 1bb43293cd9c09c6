using Cencori.Edge.Endpoints;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Endpoints;

/// <summary>The routes and the endpoint table are two lists of the same endpoints, and must agree.</summary>
public sealed class RoutePolicyTests(ShippedEdge edge) : IClassFixture<ShippedEdge>
{
    [Fact]
    public void Every_route_of_the_data_plane_has_the_policy_of_its_row()
    {
        var routes = edge.Edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.TrimStart('/').StartsWith("v1/", StringComparison.Ordinal))
            .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(method => (method, route)) ?? [])
            .ToList();

        Assert.NotEmpty(routes);
        Assert.All(routes, entry =>
        {
            var path = "/" + entry.route.RoutePattern.RawText!.TrimStart('/').Replace("{**", "", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            Assert.Equal(
                EndpointTable.Find(entry.method, path, out _, out _).Policy,
                entry.route.Metadata.GetMetadata<IAuthorizeData>()?.Policy);
        });
    }
}
