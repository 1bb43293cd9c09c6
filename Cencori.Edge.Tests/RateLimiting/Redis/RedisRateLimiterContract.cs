using System.Threading.RateLimiting;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>The contract for a limiter with balances in a real Redis.</summary>
public abstract class RedisRateLimiterContract(string configuration) : RateLimiterContract, IAsyncLifetime
{
    private LimiterOfOneEdge _edge = null!;

    protected override TimeProvider Clock => TimeProvider.System;

    public async Task InitializeAsync() => _edge = await LimiterOfOneEdge.StartAsync(configuration);

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    protected override PartitionedRateLimiter<RateLimitCost> CreateLimiter() => new RedisRateLimiter(_edge.Limits);

    // Timers use a coarse clock and may fire some milliseconds early. Redis uses the wall clock, which may be
    // adjusted. So the time must pass by both.
    protected override async Task AdvanceAsync(TimeSpan time)
    {
        var (started, wall) = (Clock.GetTimestamp(), Clock.GetUtcNow());
        time += TimeSpan.FromMilliseconds(20);
        while (Longer(time - Clock.GetElapsedTime(started), wall + time - Clock.GetUtcNow()) is { Ticks: > 0 } left)
        {
            await RealTime.PassesAsync(left + TimeSpan.FromMilliseconds(1), "The test waits by the clock of Redis.");
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
