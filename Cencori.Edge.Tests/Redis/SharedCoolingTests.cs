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

    [RedisFact]
    public async Task B4_Why_and_for_how_long_is_the_same_at_the_other()
    {
        foreach (var (status, body, reason, least, most) in ((int, string, string, int, int)[])[(429, "{}", "rate_limited", 30_000, 44_000), (401, "{}", "auth", 280_000, 300_000), (429, """{"error":{"code":"insufficient_quota"}}""", "quota", 280_000, 300_000)])
        {
            var (project, key) = await edges.CreateAsync(new { });
            await edges.A.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = "sk-shared-0123456789-another", name = "another", rank = 1 });
            edges.Provider.Respond((request, response) =>
                (request.Headers.Any(header => header.Value.EndsWith("-another", StringComparison.Ordinal)) ? Answer() : Say(status, body, ("Retry-After", "40")))(request, response));
            Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, key));
            var path = $"/api/projects/{project}/targets";
            await Eventually.IsTrueAsync(async () => (await edges.B.SendAdminAsync(HttpMethod.Get, path))["targets"]!.AsArray().Count == 1);
            var left = (await edges.B.SendAdminAsync(HttpMethod.Get, path))["targets"]![0]!;
            Assert.Equal(("default", reason), ((string)left["name"]!, (string)left["reason"]!));
            Assert.InRange((long)left["wait_ms"]!, least, most * 1.1);
        }
    }
}
