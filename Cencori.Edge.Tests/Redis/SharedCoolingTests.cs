using Cencori.Edge.Tests.Infrastructure;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Redis;

/// <summary>Who was told to wait at one edge is left alone by the other.</summary>
public sealed class SharedCoolingTests(TwoEdges edges) : IClassFixture<TwoEdges>
{
    [RedisFact]
    public async Task A_refusal_that_one_edge_has_seen_costs_the_other_none()
    {
        var (project, key) = await edges.CreateAsync(new { });
        foreach (var (name, rank) in ((string, int)[])[("first", 0), ("second", 1)])
        {
            await edges.A.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = $"sk-shared-0123456789-{name}", name, rank });
        }

        await edges.A.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/provider-keys/openai");
        var refused = 0;
        edges.Provider.Respond((request, response) =>
        {
            var isFirst = request.Headers.Any(header => header.Value.EndsWith("-first", StringComparison.Ordinal));
            Interlocked.Add(ref refused, isFirst ? 1 : 0);
            return isFirst ? Refuse(429, ("Retry-After", "120"))(request, response) : Answer()(request, response);
        });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, key));
        Assert.Equal(1, Volatile.Read(ref refused));

        // It is told at once, and takes a moment to arrive.
        await Eventually.IsTrueAsync(async () =>
        {
            var before = Volatile.Read(ref refused);
            Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
            return Volatile.Read(ref refused) == before;
        });
        Assert.InRange(Volatile.Read(ref refused), 1, 2);
    }
}
