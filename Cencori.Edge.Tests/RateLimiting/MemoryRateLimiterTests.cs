using System.Threading.RateLimiting;
using Cencori.Edge.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class MemoryRateLimiterTests : RateLimiterContract
{
    private readonly FakeTimeProvider _clock = new();

    protected override TimeProvider Clock => _clock;

    protected override PartitionedRateLimiter<RateLimitCost> CreateLimiter() => new MemoryRateLimiter(_clock);

    protected override Task AdvanceAsync(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(1, 7)]
    [InlineData(7, 1_000)]
    [InlineData(59, 123_457)]
    [InlineData(90_001, 999_983)]
    public async Task The_wait_is_exact_to_the_tick(long tokens, long perMinute)
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var limits = TokensPerMinute(perMinute);
        await AcquireAsync(limiter, "p", limits, perMinute);
        var wait = (await AcquireAsync(limiter, "p", limits, tokens)).RetryAfter!.Value;

        _clock.Advance(wait - TimeSpan.FromTicks(1));
        Assert.False((await AcquireAsync(limiter, "p", limits, tokens)).IsAcquired);

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.True((await AcquireAsync(limiter, "p", limits, tokens)).IsAcquired);
    }

    [Fact]
    public async Task A_request_one_millisecond_early_is_refused_again()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var limits = PerMinute(60, burst: 1);
        await AcquireAsync(limiter, "p", limits);
        var wait = (await AcquireAsync(limiter, "p", limits)).RetryAfter!.Value;
        Assert.Equal(TimeSpan.FromSeconds(1), wait);

        _clock.Advance(wait - TimeSpan.FromMilliseconds(1));
        var early = await AcquireAsync(limiter, "p", limits);
        Assert.False(early.IsAcquired);
        Assert.Equal(TimeSpan.FromMilliseconds(1), early.RetryAfter);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await AcquireAsync(limiter, "p", limits)).IsAcquired);
    }

    [Fact]
    public async Task A_wait_longer_than_a_TimeSpan_is_the_longest_TimeSpan()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        using (var reservation = await AcquireAsync(limiter, "p", TokensPerMinute(1), 1))
        {
            reservation.Settle(long.MaxValue);
        }

        Assert.Equal(TimeSpan.MaxValue, (await AcquireAsync(limiter, "p", TokensPerMinute(1), 1)).RetryAfter);
    }

    [Fact]
    public async Task Time_before_a_raise_of_the_limit_refills_at_the_old_rate()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        await AcquireAsync(limiter, "p", TokensPerMinute(60), 60);
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(10, await TokensLeftAsync(limiter, "p", TokensPerMinute(6_000)));
    }

    [Fact]
    public async Task A_reservation_paid_by_a_removed_limit_returns_nothing_to_a_new_one()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var limits = TokensPerMinute(100);
        var old = await AcquireAsync(limiter, "p", limits, 100);
        await AcquireAsync(limiter, "p", limits with { TokensPerMinute = null });
        await AcquireAsync(limiter, "p", limits, 100);

        old.Settle(0);
        old.Dispose();

        Assert.Equal(0, await TokensLeftAsync(limiter, "p", limits));
    }

    [Fact]
    public async Task A_debt_is_kept_although_the_bucket_refilled_meanwhile()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var limits = TokensPerMinute(600);
        var reservation = await AcquireAsync(limiter, "p", limits, 100);
        _clock.Advance(TimeSpan.FromSeconds(30));

        reservation.Settle(700);
        reservation.Dispose();

        Assert.Equal(0, await TokensLeftAsync(limiter, "p", limits));
    }

    [Fact]
    public void Negative_tokens_are_an_argument_error()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        using var reservation = (RateLimitReservation)limiter.AttemptAcquire(new("p", TokensPerMinute(5), 1));

        Assert.Throws<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(new("p", TokensPerMinute(5), -1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => reservation.Settle(-1));
    }

    [Fact]
    public void Statistics_count_a_projects_leases_and_are_null_while_its_limits_are_unused()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var cost = new RateLimitCost("p", PerMinute(1, burst: 3), 0);
        Assert.Null(limiter.GetStatistics(cost));
        for (var i = 0; i < 5; i++)
        {
            limiter.AttemptAcquire(cost).Dispose();
        }

        limiter.AttemptAcquire(cost, permitCount: 0).Dispose();

        var statistics = limiter.GetStatistics(cost)!;
        Assert.Equal((3, 2), (statistics.TotalSuccessfulLeases, statistics.TotalFailedLeases));
        Assert.Equal((0, 0), (statistics.CurrentAvailablePermits, statistics.CurrentQueuedCount));
    }
}
