using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>The first words to Redis, before any request.</summary>
public sealed class RedisLimiterStartTests(OneRedis redis) : IClassFixture<OneRedis>
{
    [RedisFact]
    public async Task One_that_is_there_is_asked_until_the_way_is_warm_and_nothing_is_held()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);
        await new RedisLimiterStart(edge.Limits, edge.Limiter).StartAsync(CancellationToken.None);

        Assert.True(edge.Availability.IsAvailable);
        Assert.InRange(edge.Limits.LastCall, 1 + 50, long.MaxValue);
        var limits = new RateLimits(50, 50, 50, 50);
        var statistics = edge.Limiter.GetStatistics(new("start", limits, 0))!;
        Assert.Equal((50, 0), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        await Eventually.IsTrueAsync(async () => await redis.Server.HeldSlotsAsync("start") == 0);

        // A probe has a balance of its own.
        Assert.Equal(1, (int)await redis.Server.ExecuteAsync("EXISTS", "cencori:{start}:probe:balances"));
    }

    [RedisTheory]
    [InlineData(RedisFailureMode.Local)]
    [InlineData(RedisFailureMode.Allow)]
    public async Task One_that_is_away_is_known_to_be_from_the_beginning(RedisFailureMode mode)
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration, mode);
        await edge.Connection.DisposeAsync();
        await new RedisLimiterStart(edge.Limits, edge.Limiter).StartAsync(CancellationToken.None);

        Assert.False(edge.Availability.IsAvailable);
        Assert.Contains("RedisLost", edge.Events);
    }

    [RedisFact]
    public async Task An_edge_that_would_refuse_everything_does_not_start()
    {
        await using var edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration, RedisFailureMode.Deny);
        await edge.Connection.DisposeAsync();

        var failure = await Assert.ThrowsAsync<StartupException>(() => new RedisLimiterStart(edge.Limits, edge.Limiter).StartAsync(CancellationToken.None));
        Assert.Equal("Redis:Configuration: this Redis cannot keep limits (it cannot be reached), and with RateLimiting:OnRedisFailure=Deny every request would be refused.", failure.Message);
    }
}
