using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>An edge with <c>Admin:Urls</c>.</summary>
public sealed class AdminListenerTests
{
    [Fact]
    public async Task The_administration_is_only_at_its_own_address_which_serves_nothing_else()
    {
        await using var edge = await RunningEdge.StartAsync(["Admin:Urls=http://127.0.0.1:0"]);
        var (callers, own) = (edge.Address, new Uri(edge.Urls.Last()));
        Assert.NotEqual(callers.Port, own.Port);

        foreach (var path in (string[])["/api/projects", "/API/projects/p", "/x%2fy/../api/projects"])
        {
            Assert.Equal(404, await StatusAsync(callers, path, RunningEdge.AdminToken));
            Assert.Equal(404, await StatusAsync(callers, path, "not-the-admin-token"));
        }

        Assert.Equal(200, await StatusAsync(own, "/api/projects", RunningEdge.AdminToken));
        Assert.Equal(401, await StatusAsync(own, "/api/projects", "not-the-admin-token"));
        foreach (var path in (string[])["/v1/models", "/api/v1/models", "/", "/v1/x%2fy/../../api/x"])
        {
            Assert.Equal(404, await StatusAsync(own, path, edge.Welcome.TestKey!));
        }

        Assert.Equal(200, await StatusAsync(callers, "/v1/models", edge.Welcome.TestKey!));
        foreach (var address in (Uri[])[callers, own])
        {
            await Eventually.IsTrueAsync(async () => await StatusAsync(address, "/health/ready", "") == 200);
            Assert.Equal(200, await StatusAsync(address, "/v1/health", ""));
        }
    }

    [Theory]
    [InlineData("Admin:Urls=nonsense")]
    [InlineData("Admin:Urls=http://unix:/tmp/edge.socket")]
    [InlineData("Admin:Urls=http://127.0.0.2:8080", "urls=http://127.0.0.1:8080")]
    [InlineData("Admin:Urls=http://127.0.0.1:8090", "urls=", "http_ports=8090")]
    [InlineData("Admin:Urls=http://127.0.0.1:8080", "urls=")]
    [InlineData("Admin:Urls=http://127.0.0.1:8081", "Kestrel:Endpoints:Http:Url=http://127.0.0.1:8080")]
    public async Task A_shared_admin_address_is_refused(params string[] settings)
    {
        var refusal = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync(settings));
        Assert.Contains("Admin:Urls", refusal.Message, StringComparison.Ordinal);
    }

    // Sends the raw path: HttpClient would remove dot segments.
    private static async Task<int> StatusAsync(Uri address, string path, string token)
    {
        using var client = await RawClient.ConnectAsync(address);
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\n\r\n");
        return (await client.ReadResponseAsync()).Status;
    }
}
