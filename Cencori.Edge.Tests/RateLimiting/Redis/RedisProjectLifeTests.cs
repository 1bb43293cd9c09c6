using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>When an edge forgets a project, and what it knows of it without Redis.</summary>
public sealed class RedisProjectLifeTests(StalledRedis redis) : RedisProjectTestBase(redis)
{
    private static readonly RateLimits None = new(null, null, null, null);

    [RedisFact]
    public void A_project_is_kept_while_a_call_runs()
    {
        // The mirror is full and nothing waits: only the running call tells that the balance in Redis is about to change.
        _ = AskAsync(All, 1);
        Assert.False(Project.TryRetire());
    }

    [RedisFact]
    public async Task A_project_is_swept_when_its_last_request_has_ended()
    {
        using var limiter = new RedisRateLimiter(Limits);
        var cost = new RateLimitCost("p", None, 0);
        var running = await limiter.AcquireAsync(cost);
        Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull(limiter.GetStatistics(cost));

        running.Dispose();
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(limiter.GetStatistics(cost));
        Assert.True((await limiter.AcquireAsync(cost)).IsAcquired);
    }

    [RedisFact]
    public async Task A_limiter_refuses_what_it_cannot_do()
    {
        var limiter = new RedisRateLimiter(Limits);
        var cost = new RateLimitCost("p", None, 0);
        Assert.Contains("AcquireAsync", Assert.Throws<NotSupportedException>(() => limiter.AttemptAcquire(cost)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(cost with { Tokens = -1 }));
        limiter.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await limiter.AcquireAsync(cost));
    }

    [RedisFact]
    public async Task Without_Redis_the_levels_are_those_of_this_edge()
    {
        using var limiter = new RedisRateLimiter(Limits);
        MarkUnavailable();
        using var running = await limiter.AcquireAsync(new RateLimitCost("p", All, 100));

        var levels = await limiter.ReadAsync("p", All, CancellationToken.None);
        Assert.Equal((9, 500, 1, LimitStore.Local), (levels.Requests!.Value.Level, levels.Tokens!.Value.Level, levels.Slots, levels.Store));
        var unused = await limiter.ReadAsync("q", All, CancellationToken.None);
        Assert.Equal((10, 600, 0, LimitStore.Local), (unused.Requests!.Value.Level, unused.Tokens!.Value.Level, unused.Slots, unused.Store));
    }

    [RedisFact]
    public void A_request_that_this_edge_refused_alone_is_not_charged_in_Redis()
    {
        MarkUnavailable();
        var refused = Acquire(All, 601);
        Assert.Equal(LimitName.Tokens, refused.RefusedBy);
        refused.Dispose();
        Assert.Null(Participant.NextCall());
        Assert.Equal(0, Project.ReadLevels(All).Slots);
    }

    [RedisFact]
    public void The_wait_of_a_refusal_from_memory_is_longer_by_the_duration_of_the_call_that_it_rests_on()
    {
        var sentAt = Clock.GetTimestamp();
        Clock.Advance(TimeSpan.FromMilliseconds(100));
        var acquire = new PendingAcquire(new("p", All, 50), 1);
        Participant.Take(new RedisCall(1, 0, 0, [], [acquire]), [Payer, 10 * RedisScript.UnitsPerPermit, 0, 0, 0], sentAt);

        // Ten tokens a second: 4.9 s from now by the mirror, which has refilled since the call was sent.
        Assert.Equal(TimeSpan.FromSeconds(5), Project.Peek(new("p", All, 50), 1)!.RetryAfter);
    }
}
