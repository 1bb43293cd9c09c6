using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Wire;

/// <summary>A change of the network settings on one edge also holds on the other.</summary>
public sealed class NetworkEdgesTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    // The documentation promises one second. A busy machine needs more, and without the announcement it would take 30 s.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [RedisFact]
    public async Task A_change_soon_holds_on_the_other_edge()
    {
        var project = await edges.A.CreateProjectAsync("openai");
        var key = await edges.CreateKeyAsync(project);
        var id = (string)(await edges.A.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/api-keys"))["apiKeys"]![0]!["id"]!;
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
        foreach (var (method, path, body, status) in ((HttpMethod, string, string, int)[])
        [
            (HttpMethod.Put, "networking", """{"access_mode":"restricted","allowed_cidrs":["198.51.100.0/24"]}""", 403),
            (HttpMethod.Put, "networking", """{"access_mode":"restricted","allowed_cidrs":["127.0.0.0/8"]}""", 200),
            (HttpMethod.Patch, $"api-keys/{id}", """{"allowed_cidrs":["198.51.100.1"]}""", 403),
            (HttpMethod.Patch, $"api-keys/{id}", """{"allowed_cidrs":null}""", 200),
        ])
        {
            await edges.A.SendAdminAsync(method, $"/api/projects/{project}/{path}", body);
            await Eventually.IsTrueAsync(async () => await TwoEdges.ChatAsync(edges.B, key) == status, Soon);
            Assert.Equal(status, await TwoEdges.ChatAsync(edges.A, key));
        }
    }
}
