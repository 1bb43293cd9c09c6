using System.Threading.RateLimiting;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Tests.RateLimiting;

public abstract partial class RateLimiterContract
{
    [Theory]
    [InlineData(100L, 900)]
    [InlineData(0L, 1000)]
    [InlineData(700L, 300)]
    [InlineData(null, 400)]
    public async Task A_settlement_charges_the_usage_or_without_one_the_reservation(long? actual, long left)
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(1_000));

        await SettleAsync(await AcquireAsync(limiter, project, limits, 600), actual);

        Assert.InRange(await TokensLeftAsync(limiter, project, limits), left, Math.Min(1_000, left + 50));
    }

    [Fact]
    public async Task A_settlement_beyond_the_balance_leaves_a_debt_that_delays_the_next_request()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(60));

        await SettleAsync(await AcquireAsync(limiter, project, limits, 10), 180);

        var refused = await AcquireAsync(limiter, project, limits, 1);
        Assert.Equal((LimitName.Tokens, 0), (refused.RefusedBy, refused.Tokens!.Value.Remaining));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(115), TimeSpan.FromSeconds(121));
        Assert.InRange(refused.Tokens.Value.UntilFull, TimeSpan.FromSeconds(175), TimeSpan.FromSeconds(180));
    }

    [Fact]
    public async Task Tokens_returned_to_a_refilled_bucket_stop_at_its_capacity()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(60_000));
        var reservation = await AcquireAsync(limiter, project, limits, 500);
        await AdvanceAsync(TimeSpan.FromMilliseconds(600));

        await SettleAsync(reservation, 0);

        Assert.Equal(60_000, await TokensLeftAsync(limiter, project, limits));
        Assert.False((await AcquireAsync(limiter, project, limits, 60_001)).IsAcquired);
    }

    [Fact]
    public async Task A_cancelled_reservation_takes_nothing()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 2, 1_000, 1));
        for (var i = 0; i < 10; i++)
        {
            var reservation = await AcquireAsync(limiter, project, limits, 900);
            Assert.True(reservation.IsAcquired);
            reservation.Settle(1_000);
            reservation.Cancel();
            reservation.Dispose();
            await SettledAsync();
        }

        var probe = await ProbeAsync(limiter, project, limits, 1_000);
        Assert.Equal((2, 1_000, true), (probe.Requests!.Value.Remaining, probe.Tokens!.Value.Remaining, probe.IsAcquired));
    }

    [Fact]
    public async Task Of_several_settlements_the_last_before_disposal_counts()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(1_000));
        var reservation = await AcquireAsync(limiter, project, limits, 600);

        reservation.Settle(900);
        await SettleAsync(reservation, 100);
        await SettleAsync(reservation, 1_000);

        Assert.InRange(await TokensLeftAsync(limiter, project, limits), 900, 950);
    }

    [Fact]
    public async Task Slots_beyond_the_limit_are_refused_and_freed_by_disposal()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), Concurrent(2));
        var first = await AcquireAsync(limiter, project, limits);
        await AcquireAsync(limiter, project, limits);
        Assert.Equal(LimitName.Concurrency, (await AcquireAsync(limiter, project, limits)).RefusedBy);

        await SettleAsync(first, null);

        Assert.True((await AcquireAsync(limiter, project, limits)).IsAcquired);
        Assert.False((await AcquireAsync(limiter, project, limits)).IsAcquired);
    }

    [Fact]
    public async Task A_reservation_disposed_concurrently_frees_one_slot_and_returns_tokens_once()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(null, null, 1_000, 2));
        var disposed = await AcquireAsync(limiter, project, limits, 300);
        await AcquireAsync(limiter, project, limits, 500);
        disposed.Settle(200);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(disposed.Dispose)));
        await SettledAsync();

        var last = await AcquireAsync(limiter, project, limits);
        Assert.True(last.IsAcquired);
        Assert.InRange(last.Tokens!.Value.Remaining, 300, 350);
        Assert.Equal(LimitName.Concurrency, (await AcquireAsync(limiter, project, limits)).RefusedBy);
    }

    [Fact]
    public async Task Disposing_a_refused_reservation_frees_no_slot()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), Concurrent(1));
        await AcquireAsync(limiter, project, limits);

        await SettleAsync(await AcquireAsync(limiter, project, limits), 0);

        Assert.False((await AcquireAsync(limiter, project, limits)).IsAcquired);
    }

    [Fact]
    public async Task The_lease_metadata_equals_the_properties()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(1, 1, 100, null));
        var acquired = await AcquireAsync(limiter, project, limits, 10);
        var refused = await AcquireAsync(limiter, project, limits, 10);

        Assert.False(acquired.TryGetMetadata(MetadataName.RetryAfter, out _));
        Assert.False(acquired.TryGetMetadata(RateLimitMetadata.RefusedBy, out _));
        Assert.True(refused.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter));
        Assert.True(refused.TryGetMetadata(RateLimitMetadata.RefusedBy, out var refusedBy));
        Assert.True(refused.TryGetMetadata(RateLimitMetadata.Requests, out var requests));
        Assert.True(refused.TryGetMetadata(RateLimitMetadata.Tokens, out var tokens));
        Assert.Equal((refused.RetryAfter, refused.RefusedBy), (retryAfter, refusedBy));
        Assert.Equal((refused.Requests, refused.Tokens), (requests, tokens));
        Assert.Equal(4, refused.GetAllMetadata().Count());
    }

    [Fact]
    public async Task A_lowered_limit_cuts_the_balance_at_once()
    {
        using var limiter = CreateLimiter();
        var (project, high, low) = (NewProject(), new RateLimits(1, 50, 5_000, null), new RateLimits(1, 5, 500, null));
        await AcquireAsync(limiter, project, high, 1_000);

        var reservation = await AcquireAsync(limiter, project, low, 100);

        Assert.Equal((5, 4), (reservation.Requests!.Value.Limit, reservation.Requests.Value.Remaining));
        Assert.Equal((500, 400), (reservation.Tokens!.Value.Limit, reservation.Tokens.Value.Remaining));
    }

    [Fact]
    public async Task A_raised_limit_keeps_the_usage_and_holds_more()
    {
        using var limiter = CreateLimiter();
        var (project, low, high) = (NewProject(), TokensPerMinute(100), TokensPerMinute(1_000));
        await AcquireAsync(limiter, project, low, 100);

        var refused = await AcquireAsync(limiter, project, high, 500);

        Assert.Equal(1_000, refused.Tokens!.Value.Limit);
        Assert.InRange(refused.Tokens.Value.Remaining, 0, 50);
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_new_limit_starts_full_and_a_removed_limit_is_gone()
    {
        using var limiter = CreateLimiter();
        var (project, limited) = (NewProject(), new RateLimits(1, 3, 100, null));
        await AcquireAsync(limiter, project, Unlimited, 1_000);

        var first = await AcquireAsync(limiter, project, limited, 100);
        Assert.Equal((2, 0), (first.Requests!.Value.Remaining, first.Tokens!.Value.Remaining));
        Assert.False((await AcquireAsync(limiter, project, limited, 100)).IsAcquired);

        Assert.True((await AcquireAsync(limiter, project, Unlimited, 100)).IsAcquired);
    }

    [Fact]
    public async Task Slots_held_before_a_concurrency_limit_was_set_count_against_it()
    {
        using var limiter = CreateLimiter();
        var project = NewProject();
        var running = await AcquireAsync(limiter, project, Unlimited);
        Assert.False((await AcquireAsync(limiter, project, Concurrent(1))).IsAcquired);

        await SettleAsync(running, null);

        Assert.True((await AcquireAsync(limiter, project, Concurrent(1))).IsAcquired);
    }
}
