using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Tests.RateLimiting;

/// <summary>Faults that users of other gateways have reported.</summary>
public abstract partial class RateLimiterContract
{
    [Fact]
    public async Task Two_hundred_concurrent_requests_do_not_exceed_a_token_limit_for_ten()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), TokensPerMinute(10_000));

        var reservations = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(_ => Task.Run(() => AcquireAsync(limiter, project, limits, 1_000))));

        Assert.Equal(10, reservations.Count(reservation => reservation.IsAcquired));
    }

    [Fact]
    public async Task A_client_that_keeps_asking_while_refused_is_admitted_in_the_end()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), PerMinute(120, burst: 1));
        await AcquireAsync(limiter, project, limits);

        var admitted = false;
        for (var i = 0; i < 5 && !admitted; i++)
        {
            await AdvanceAsync(TimeSpan.FromMilliseconds(100));
            admitted = (await AcquireAsync(limiter, project, limits)).IsAcquired;
        }

        Assert.True(admitted);
    }

    [Fact]
    public async Task Refused_requests_do_not_lengthen_the_wait()
    {
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), new RateLimits(6, 1, 600, null));
        await AcquireAsync(limiter, project, limits, 600);
        var first = await AcquireAsync(limiter, project, limits, 600);

        for (var i = 0; i < 100; i++)
        {
            await AcquireAsync(limiter, project, limits, 600);
        }

        var last = await AcquireAsync(limiter, project, limits, 600);
        Assert.True(last.RetryAfter <= first.RetryAfter);
        Assert.True(last.Tokens!.Value.Remaining >= first.Tokens!.Value.Remaining);
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Eight threads send requests for seconds, by the clock of Redis if Redis is the limiter.")]
    public async Task Eight_threads_get_the_burst_and_the_refill_and_no_more()
    {
        const double Burst = 2_000, PerSecond = 200;
        using var limiter = CreateLimiter();
        var (project, limits) = (NewProject(), PerMinute((long)PerSecond * 60, (long)Burst));
        var started = Clock.GetTimestamp();
        var burst = 0;
        while ((await AcquireAsync(limiter, project, limits)).IsAcquired)
        {
            burst++;
        }

        // A full bucket does not refill. The bucket is empty now, so from here on no refill is lost.
        var emptyAt = Clock.GetElapsedTime(started);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var count = 0; ;)
            {
                var reservation = await AcquireAsync(limiter, project, limits);
                var now = Clock.GetElapsedTime(started);
                reservation.Dispose();
                if (reservation.IsAcquired)
                {
                    count++;
                }
                else if (now - emptyAt < TimeSpan.FromSeconds(2))
                {
                    await AdvanceAsync(TimeSpan.FromMilliseconds(1));
                }
                else
                {
                    // The last call was refused, so nothing was left to take, however slow this machine is.
                    return (Count: count, RefusedAt: now);
                }
            }
        })));

        var admitted = clients.Sum(client => client.Count);
        var time = clients.Min(client => client.RefusedAt) - emptyAt;
        Assert.InRange(burst + admitted, 0, Burst + (PerSecond * Clock.GetElapsedTime(started).TotalSeconds));
        Assert.InRange(admitted, 0.98 * PerSecond * time.TotalSeconds, double.MaxValue);
    }
}
