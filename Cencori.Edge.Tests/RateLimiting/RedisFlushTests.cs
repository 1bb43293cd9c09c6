using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class RedisFlushTests(OneRedis redis) : IClassFixture<OneRedis>
{
    private readonly string _project = $"prj_{Guid.NewGuid():N}";

    [RedisFact]
    public async Task An_edge_that_stops_first_tells_Redis_of_every_request_that_has_ended()
    {
        var limits = new RateLimits(null, null, 1_000, 2);
        await using var link = new FaultyLink(redis.Server.Port);
        await using (var edge = await LimiterOfOneEdge.StartAsync(link.Configuration))
        {
            var running = new[] { await edge.AcquireAsync(_project, limits, 400), await edge.AcquireAsync(_project, limits, 400) };
            link.DelayToClient = TimeSpan.FromMilliseconds(100);

            // The second waits until Redis has answered to the first.
            foreach (var one in running)
            {
                one.Settle(0);
                one.Dispose();
            }

            await new RedisLimiterStart(edge.Limits, edge.Limiter).StopAsync(CancellationToken.None);
            await link.RefuseAsync();
        }

        Assert.Equal(0, await redis.Server.HeldSlotsAsync(_project));
        Assert.Equal(60_000_000_000, (long)await redis.Server.ExecuteAsync("HGET", $"cencori:{{{_project}}}:balances", "tokens"));
    }
}
