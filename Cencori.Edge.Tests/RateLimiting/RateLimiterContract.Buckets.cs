using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Tests.RateLimiting;

public abstract partial class RateLimiterContract
{
    [Fact]
    public async Task Requests_beyond_the_burst_are_refused_with_a_wait()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), PerMinute(6, burst: 3));
        for (var left = 2; left >= 0; left--)
        {
            var reservation = await AcquireAsync(limiter, project, limits);
            Assert.True(reservation.IsAcquired);
            Assert.Equal((3, left), (reservation.Requests!.Value.Limit, reservation.Requests.Value.Remaining));
        }

        var refused = await AcquireAsync(limiter, project, limits);

        Assert.False(refused.IsAcquired);
        Assert.Equal(LimitName.Requests, refused.RefusedBy);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        Assert.InRange(refused.Requests!.Value.UntilFull, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30));
        Assert.Null(refused.Tokens);
    }

    [Fact]
    public async Task A_bucket_without_a_burst_holds_one_minute()
    {
        using var limiter = CreateLimiter();

        var reservation = await AcquireAsync(limiter, NewProject(), PerMinute(7));

        Assert.Equal((7, 6), (reservation.Requests!.Value.Limit, reservation.Requests.Value.Remaining));
    }

    [Fact]
    public async Task An_empty_bucket_admits_again_after_the_refill_time()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), PerMinute(120, burst: 1));
        await AcquireAsync(limiter, project, limits);
        Assert.False((await AcquireAsync(limiter, project, limits)).IsAcquired);

        await AdvanceAsync(TimeSpan.FromMilliseconds(500));

        Assert.True((await AcquireAsync(limiter, project, limits)).IsAcquired);
    }

    [Fact]
    public async Task A_refused_token_cost_is_admitted_after_its_wait()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(60_000));
        await AcquireAsync(limiter, project, limits, 60_000);

        var refused = await AcquireAsync(limiter, project, limits, 500);
        Assert.Equal(LimitName.Tokens, refused.RefusedBy);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(500));
        await AdvanceAsync(refused.RetryAfter.Value);

        Assert.True((await AcquireAsync(limiter, project, limits, 500)).IsAcquired);
    }

    [Fact]
    public async Task A_token_refusal_takes_no_request_and_no_slot()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 2, 100, 2));
        await AcquireAsync(limiter, project, limits, 100);

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(LimitName.Tokens, (await AcquireAsync(limiter, project, limits, 90)).RefusedBy);
        }

        var afterwards = await AcquireAsync(limiter, project, limits with { TokensPerMinute = null });
        Assert.True(afterwards.IsAcquired);
        Assert.Equal(0, afterwards.Requests!.Value.Remaining);
    }

    [Fact]
    public async Task A_request_refusal_takes_no_tokens()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 1, 100, null));
        await AcquireAsync(limiter, project, limits, 10);

        var refused = await AcquireAsync(limiter, project, limits, 50);

        Assert.Equal(LimitName.Requests, refused.RefusedBy);
        Assert.InRange(refused.Tokens!.Value.Remaining, 90, 95);
    }

    [Fact]
    public async Task A_concurrency_refusal_takes_neither_requests_nor_tokens()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 10, 100, 1));
        await AcquireAsync(limiter, project, limits, 10);

        var refused = await AcquireAsync(limiter, project, limits, 10);

        Assert.Equal((LimitName.Concurrency, TimeSpan.FromSeconds(1)), (refused.RefusedBy, refused.RetryAfter));
        Assert.Equal(9, refused.Requests!.Value.Remaining);
        Assert.InRange(refused.Tokens!.Value.Remaining, 90, 95);
    }

    [Fact]
    public async Task A_cost_larger_than_the_bucket_is_refused_without_a_wait()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 1, 100, 1));
        await AcquireAsync(limiter, project, limits);

        var refused = await AcquireAsync(limiter, project, limits, 101);

        Assert.False(refused.IsAcquired);
        Assert.Equal(LimitName.Tokens, refused.RefusedBy);
        Assert.Null(refused.RetryAfter);
    }

    [Fact]
    public async Task A_refusal_by_several_limits_names_the_longest_wait()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(60, 1, 60, 1));
        await AcquireAsync(limiter, project, limits, 60);

        var refused = await AcquireAsync(limiter, project, limits, 30);

        Assert.Equal(LimitName.Tokens, refused.RefusedBy);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_unlimited_project_has_no_status_and_is_never_refused()
    {
        using var limiter = CreateLimiter();
        var project = NewProject();

        for (var i = 0; i < 100; i++)
        {
            var reservation = await AcquireAsync(limiter, project, Unlimited, 1_000_000);
            Assert.True(reservation.IsAcquired);
            Assert.Equal((null, null), (reservation.Requests, reservation.Tokens));
        }
    }

    [Fact]
    public async Task A_probe_tells_the_decision_and_takes_nothing()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 1, 100, 1));

        for (var i = 0; i < 3; i++)
        {
            using var probe = await ProbeAsync(limiter, project, limits, 100);
            probe.Settle(7);
            Assert.True(probe.IsAcquired);
            Assert.Equal((1, 100), (probe.Requests!.Value.Remaining, probe.Tokens!.Value.Remaining));
        }

        Assert.True((await AcquireAsync(limiter, project, limits, 100)).IsAcquired);
        Assert.False((await ProbeAsync(limiter, project, limits)).IsAcquired);

        // No probe has freed a slot either.
        Assert.False((await ProbeAsync(limiter, project, Concurrent(1))).IsAcquired);
    }

    [Fact]
    public async Task Projects_do_not_affect_each_other()
    {
        using var limiter = CreateLimiter();
        var (one, other, limits) = (NewProject(), NewProject(), new RateLimits(1, 1, 100, 1));
        await AcquireAsync(limiter, one, limits, 100);
        Assert.False((await AcquireAsync(limiter, one, limits, 100)).IsAcquired);

        Assert.True((await AcquireAsync(limiter, other, limits, 100)).IsAcquired);
    }
}
