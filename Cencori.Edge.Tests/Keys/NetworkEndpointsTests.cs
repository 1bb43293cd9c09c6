using Cencori.Edge.Admin.Description;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Keys;

/// <summary>Every endpoint that takes a project key checks the caller's network before it reads the body or returns any other error.</summary>
public sealed class NetworkEndpointsTests(ProxiedEdge at) : IClassFixture<ProxiedEdge>
{
    private static readonly string[] Domains = ["example.com"];
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

    private static readonly (string, string) Outside = ("X-Forwarded-For", "203.0.113.1, 198.51.100.1");

    [Theory]
    [InlineData("secret")]
    [InlineData("publishable")]
    [InlineData("agent")]
    public async Task Each_endpoint_refuses_a_caller_from_another_network(string type)
    {
        var (project, _, key) = await at.CreateAsync("""["203.0.113.0/24"]""", null, type, type == "publishable" ? new { allowed_domains = Domains } : null);
        var (requests, endpoints) = (at.Provider.Requests.Count, Endpoints().Distinct().ToList());
        Assert.True(endpoints.Count > 100, $"Only {endpoints.Count} endpoints were found.");
        foreach (var (method, path) in endpoints)
        {
            using var content = method is "POST" or "PUT" or "PATCH" ? RunningEdge.Json("{ this is no JSON") : null;
            using var response = await at.Edge.SendAsync(key, new(method), path, content, Outside);
            Assert.True((int)response.StatusCode == 403, $"{method} {path}: {(int)response.StatusCode}");
            if (method == "HEAD")
            {
                continue;
            }

            var error = await response.ErrorAsync();
            Assert.Equal((path, "INSUFFICIENT_PERMISSIONS", "network_not_allowed"), (path, error.Code, error.Reason));
            Assert.Equal(path.StartsWith("/api/ai", StringComparison.Ordinal) || path.StartsWith("/api/memory", StringComparison.Ordinal), error.Title is not null);
        }

        Assert.Equal(requests, at.Provider.Requests.Count);

        // No request from an allowed network is refused because of its network.
        foreach (var (method, path) in endpoints.Where(endpoint => endpoint.Method == "GET"))
        {
            using var response = await at.Edge.SendAsync(key, new(method), path, null, ("X-Forwarded-For", "203.0.113.1"));
            Assert.DoesNotContain("network_not_allowed", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/v1/realtime?model=gpt-realtime")]
    [InlineData("/api/v1/realtime?model=gpt-realtime")]
    [InlineData("/v1/responses")]
    public async Task A_WebSocket_is_refused_at_its_handshake(string path)
    {
        var (_, _, key) = await at.CreateAsync("""["203.0.113.0/24"]""", null);
        foreach (var credential in (string[])[$"Authorization: Bearer {key}", $"Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.{key}"])
        {
            using var client = await RawClient.ConnectAsync(at.Edge);
            await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX-Forwarded-For: 198.51.100.1\r\n{credential}\r\n\r\n");

            var response = await client.ReadResponseAsync();
            Assert.Equal((403, true), (response.Status, response.Body.Contains("\"reason\":\"network_not_allowed\"", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Endpoints_without_a_key_are_open_to_every_network()
    {
        var (_, _, key) = await at.CreateAsync("[]", null);
        foreach (var path in (string[])["/v1/health", "/health/live"])
        {
            using var response = await at.Edge.SendAsync(key, HttpMethod.Get, path, null, Outside);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    // The mapped routes, the rows of the endpoint table, the documented endpoints, and the aliases of some of them.
    private IEnumerable<(string Method, string Path)> Endpoints()
    {
        foreach (var route in at.Edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<IAuthorizeData>()?.Policy is AccessPolicy.Inference or AccessPolicy.Agents or AccessPolicy.DataPlane)
            {
                var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part is RoutePatternLiteralPart literal ? literal.Content : "x"))));
                foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? Methods)
                {
                    yield return (method, path);
                }
            }
        }

        var described = DataPlane.All.Where(row => !row.IsOpen).Select(row => (row.Method, Path: row.Path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)));
        foreach (var (method, path) in EndpointTable.KeyPaths.Concat(described).Append(("POST", "/openai/deployments/gpt-4o/chat/completions")).Append(("POST", "/openai/v1/chat/completions")))
        {
            yield return (method, path);
            if (path.StartsWith("/v1/", StringComparison.Ordinal))
            {
                yield return (method, "/api" + path);
                yield return (method, path + "/x");
            }
        }
    }
}
