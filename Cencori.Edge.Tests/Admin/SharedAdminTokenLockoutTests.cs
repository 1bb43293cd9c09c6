using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Edges on one Redis count wrong admin tokens together. Each test has its own edges and Redis, because one count covers all addresses.</summary>
public sealed class SharedAdminTokenLockoutTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly Edges _edges = new();

    public Task InitializeAsync() => _edges.InitializeAsync();

    // xUnit calls only its own interface. The code analyzer requires the interface of .NET.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public ValueTask DisposeAsync() => _edges.DisposeAsync();

    [RedisFact]
    public async Task Five_wrong_tokens_at_any_edge_close_all_edges_to_their_address()
    {
        for (var wrong = 0; wrong < 5; wrong++)
        {
            Assert.Equal(401, await AdministerAsync(wrong % 2 == 0 ? _edges.A : _edges.B, "not-the-admin-token", "203.0.113.1"));
        }

        foreach (var edge in (RunningEdge[])[_edges.A, _edges.B])
        {
            Assert.Equal(429, await AdministerAsync(edge, "not-the-admin-token", "203.0.113.1"));
            Assert.Equal(429, await AdministerAsync(edge, RunningEdge.AdminToken, "203.0.113.1"));
            Assert.Equal(200, await AdministerAsync(edge, RunningEdge.AdminToken, "203.0.113.2"));
        }
    }

    [RedisFact]
    public async Task Fifty_wrong_tokens_close_all_edges_to_addresses_without_an_earlier_correct_token()
    {
        Assert.Equal(200, await AdministerAsync(_edges.A, RunningEdge.AdminToken, "198.51.100.1"));
        for (var wrong = 0; wrong < 50; wrong++)
        {
            await AdministerAsync(wrong % 2 == 0 ? _edges.A : _edges.B, "not-the-admin-token", $"198.51.100.{100 + wrong}");
        }

        foreach (var edge in (RunningEdge[])[_edges.A, _edges.B])
        {
            Assert.Equal(429, await AdministerAsync(edge, RunningEdge.AdminToken, "198.51.100.2"));
        }

        Assert.Equal(200, await AdministerAsync(_edges.A, RunningEdge.AdminToken, "198.51.100.1"));
    }

    internal static async Task<int> AdministerAsync(RunningEdge edge, string token, string address)
    {
        using var response = await edge.SendAsync(token, HttpMethod.Get, "/api/projects", null, ("X-Forwarded-For", address));
        return (int)response.StatusCode;
    }

    public sealed class Edges : TwoEdges
    {
        protected override IEnumerable<string> Settings => [.. base.Settings, "ForwardedHeaders:KnownProxies=127.0.0.1"];
    }
}
