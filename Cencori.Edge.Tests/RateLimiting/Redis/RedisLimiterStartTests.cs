using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>The first calls to Redis, before any request.</summary>
public sealed class RedisLimiterStartTests(OneRedis redis) : IClassFixture<OneRedis>
{
    [RedisFact]
    public async Task An_available_Redis_is_called_until_the_code_is_warm_and_nothing_is_held()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        await new RedisLimiterStart(edge.Limits, edge.Limiter).StartAsync(CancellationToken.None);

        Assert.True(edge.Availability.IsAvailable);
        Assert.InRange(edge.Limits.LastCall, 1 + 50, long.MaxValue);
        var limits = new RateLimits(50, 50, 50, 50);
        var statistics = edge.Limiter.GetStatistics(new("start", limits, 0))!;
        Assert.Equal((50, 0), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        await Eventually.IsTrueAsync(async () => await redis.Server.HeldSlotsAsync("start") == 0);

        // A probe uses its own balance.
        Assert.Equal(1, (int)await redis.Server.ExecuteAsync("EXISTS", "cencori:{start}:probe:balances"));
    }

    [RedisTheory]
    [InlineData(RedisFailureMode.Local)]
    [InlineData(RedisFailureMode.Allow)]
    public async Task A_missing_Redis_is_known_from_the_start(RedisFailureMode mode)
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration, mode);
        await edge.Connection.DisposeAsync();
        await new RedisLimiterStart(edge.Limits, edge.Limiter).StartAsync(CancellationToken.None);

        Assert.False(edge.Availability.IsAvailable);
        Assert.Contains("RedisLost", edge.Events);
    }

    [RedisFact]
    public async Task An_edge_that_would_refuse_every_request_does_not_start()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration, RedisFailureMode.Deny);
        await edge.Connection.DisposeAsync();

        var failure = await Assert.ThrowsAsync<StartupException>(() => new RedisLimiterStart(edge.Limits, edge.Limiter).StartAsync(CancellationToken.None));
        Assert.Equal("Redis:Configuration: this Redis cannot keep limits (Redis cannot be reached), and with RateLimiting:OnRedisFailure=Deny every request would be refused.", failure.Message);
    }
}
