using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class MemoryRateLimiterSweepTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Hundred_thousand_idle_projects_vanish()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var limits = new RateLimits(60, 60, 1_000, 5);
        for (var i = 0; i < 100_000; i++)
        {
            limiter.AttemptAcquire(new($"prj_{i}", limits, 500)).Dispose();
        }

        Assert.Equal(100_000, limiter.ProjectCount);
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, limiter.ProjectCount);
    }

    [Fact]
    public void Project_with_a_slot_held_or_a_bucket_not_full_stays()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var limits = new RateLimits(null, null, 100, null);
        using var running = limiter.AttemptAcquire(new("running", limits, 100));
        var indebted = (RateLimitReservation)limiter.AttemptAcquire(new("indebted", limits, 100));
        indebted.Settle(300);
        indebted.Dispose();

        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, limiter.ProjectCount);
        Assert.False(limiter.AttemptAcquire(new("indebted", limits, 1)).IsAcquired);

        running.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, limiter.ProjectCount);
    }

    [Fact]
    public async Task Acquires_that_race_the_sweep_never_share_a_slot()
    {
        using var limiter = new MemoryRateLimiter(_clock);
        var cost = new RateLimitCost("p", new(null, null, null, 1), 0);
        using var done = new CancellationTokenSource();
        var holders = 0;
        var shared = 0;
        var admitted = 0;

        var racers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                using var lease = limiter.AttemptAcquire(cost);
                if (lease.IsAcquired)
                {
                    Interlocked.Add(ref shared, Interlocked.Increment(ref holders) - 1);
                    Interlocked.Increment(ref admitted);
                    Interlocked.Decrement(ref holders);
                }
            }
        })).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        await done.CancelAsync();
        await Task.WhenAll(racers);

        Assert.Equal(0, shared);
        Assert.True(admitted > 0);
    }

    [Fact]
    public void Disposed_limiter_sweeps_no_more_and_refuses_use()
    {
        var limiter = new MemoryRateLimiter(_clock);
        var cost = new RateLimitCost("p", RateLimits.Default, 0);
        var lease = limiter.AttemptAcquire(cost);
        limiter.Dispose();
        lease.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(1, limiter.ProjectCount);
        Assert.Throws<ObjectDisposedException>(() => limiter.AttemptAcquire(cost));
    }
}
