using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

public sealed class RedisFlushTests(OneRedis redis) : IClassFixture<OneRedis>
{
    private readonly string _project = $"prj_{Guid.NewGuid():N}";

    [RedisFact]
    public async Task A_stopping_edge_first_reports_every_ended_request_to_Redis()
    {
        var limits = new RateLimits(null, null, 1_000, 2);
        await using var link = new FaultyLink(redis.Server.Port);
        await using (var edge = await LimiterOfOneEdge.StartAsync(link.Configuration))
        {
            var running = new[] { await edge.AcquireAsync(_project, limits, 400), await edge.AcquireAsync(_project, limits, 400) };
            link.DelayToClient = TimeSpan.FromMilliseconds(100);

            // The second report waits for the reply to the first one.
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
