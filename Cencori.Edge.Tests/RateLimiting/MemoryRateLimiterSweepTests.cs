using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class MemoryRateLimiterSweepTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_hundred_thousand_idle_projects_are_swept()
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
    public void A_project_with_a_held_slot_or_a_bucket_that_is_not_full_stays()
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
    public void An_acquire_that_found_its_project_just_before_the_sweep_still_counts()
    {
        var clock = new InterruptedClock();
        using var limiter = new MemoryRateLimiter(clock);
        var cost = new RateLimitCost("p", new(null, null, null, 1), 0);
        limiter.AttemptAcquire(cost).Dispose();
        var admitted = false;
        var blocked = false;
        var late = new Thread(() => admitted = limiter.AttemptAcquire(cost).IsAcquired);

        // The sweep reads the clock under the project's lock. A thread that waits for this lock has finished its look-up.
        clock.BeforeRead = () =>
        {
            late.Start();
            blocked = SpinWait.SpinUntil(
                () => late.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(30));
        };
        clock.Advance(TimeSpan.FromMinutes(1));
        late.Join();

        Assert.True(blocked);
        Assert.True(admitted);
        Assert.False(limiter.AttemptAcquire(cost).IsAcquired);
    }

    [Fact]
    public void Retired_buckets_admit_no_request()
    {
        var buckets = new ProjectBuckets(_clock);
        Assert.True(buckets.TryRetire());

        Assert.Null(buckets.TryAcquire(new("p", RateLimits.Default, 0), permits: 1));
    }

    [Fact]
    public void A_disposed_limiter_stops_sweeping_and_throws()
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

    private sealed class InterruptedClock : FakeTimeProvider
    {
        private Action? _beforeRead;

        /// <summary>Runs once, at the next read of the clock.</summary>
        public Action? BeforeRead
        {
            set => _beforeRead = value;
        }

        public override long GetTimestamp()
        {
            Interlocked.Exchange(ref _beforeRead, null)?.Invoke();
            return base.GetTimestamp();
        }
    }
}
