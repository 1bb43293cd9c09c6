using System.Threading.RateLimiting;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>The contract, kept by a limiter whose balances are in a real Redis.</summary>
public sealed class RedisRateLimiterTests(OneRedis redis) : RateLimiterContract, IClassFixture<OneRedis>, IAsyncLifetime
{
    private LimiterOfOneEdge _edge = null!;

    protected override TimeProvider Clock => TimeProvider.System;

    public async Task InitializeAsync() => _edge = await LimiterOfOneEdge.StartAsync(redis.Server.Configuration);

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    protected override PartitionedRateLimiter<RateLimitCost> CreateLimiter() => new RedisRateLimiter(_edge.Limits);

    protected override Task AdvanceAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);
}
