using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>What one project decides itself, what it sends to Redis, and how long it trusts the reply.</summary>
public sealed class RedisProjectTests(StalledRedis redis) : RedisProjectTestBase(redis)
{
    [RedisFact]
    public void An_unused_project_sends_nothing()
    {
        Assert.Null(Participant.NextCall());
        Assert.True(Project.IsIdle);
        Assert.True(Project.TryRetire());
        Assert.False(Project.TryAcquire(new("p", All, 1), 1, out _));
    }

    [RedisFact]
    public async Task After_a_lost_call_undecided_requests_are_decided_locally()
    {
        var (completed, waiting) = (new PendingAcquire(new("p", All, 1), 1), new PendingAcquire(new("p", All, 600), 1));
        completed.SetResult(new RedisReservation(default, null, 0, null, 0));
        Participant.Abandon(new RedisCall(1, 0, 0, [], [completed, waiting]));

        var reservation = (RateLimitReservation)await waiting.Task;
        Assert.Equal((true, 9, 0), (reservation.IsAcquired, reservation.Requests!.Value.Remaining, reservation.Tokens!.Value.Remaining));
    }

    [RedisFact]
    public async Task Requests_that_wait_for_the_next_call_can_be_decided_locally()
    {
        var all = Enumerable.Range(0, 4).Select(_ => AskAsync(All, 200)).ToList();
        Participant.DecideWaitingLocally();

        // The first request is in the running call, which does not contain the others.
        Assert.False(all[0].IsCompleted);
        var decided = await Task.WhenAll(all.Skip(1));
        Assert.Equal([true, true, true], decided.Select(lease => lease.IsAcquired));
        Assert.Empty(Participant.NextCall()!.Acquires);
    }

    [RedisFact]
    public void A_call_takes_requests_with_equal_limits_and_at_most_what_it_can_hold()
    {
        _ = AskAsync(All, 1);
        for (var i = 0; i < RedisCall.MaxParts + 2; i++)
        {
            _ = AskAsync(All, 1);
        }

        _ = AskAsync(Tokens, 1);
        _ = AskAsync(All, 1);
        _ = AskAsync(All, 1, permits: 0);

        var called = new List<int>();
        while (Participant.NextCall() is { } call)
        {
            called.Add(call.Acquires.Count);
        }

        Assert.Equal([RedisCall.MaxParts, 2, 1, 1, 1], called);
    }

    [RedisFact]
    public void Requests_decided_by_the_failure_mode_are_not_charged()
    {
        Begin(RedisFailureMode.Allow);
        MarkUnavailable();
        var allowed = Acquire(Requests, 700);
        Assert.Equal((true, null, null), (allowed.IsAcquired, allowed.Requests, allowed.Tokens));
        Assert.Equal((1, LimitStore.Allow), (Project.ReadLevels(All).Slots, Project.ReadLevels(All).Store));
        allowed.Cancel();
        Assert.Equal(0, Project.ReadLevels(All).Slots);
        Assert.Null(Participant.NextCall());

        Begin(RedisFailureMode.Deny);
        MarkUnavailable();
        var refused = Acquire(All, 1);
        Assert.Equal((LimitName.Unavailable, RedisAvailability.ProbeInterval), (refused.RefusedBy, refused.RetryAfter));
        Assert.Equal((0, LimitStore.Deny), (Project.ReadLevels(All).Slots, Project.ReadLevels(All).Store));

        Begin();
        Assert.Equal(LimitStore.Local, Project.ReadLevels(All).Store);
    }

    [RedisFact]
    public void A_project_without_limits_does_not_call_Redis()
    {
        var none = new RateLimits(null, null, null, null);
        var reservation = Acquire(none, 5);
        Assert.Equal((true, 1), (reservation.IsAcquired, Project.ReadLevels(none).Slots));
        reservation.Dispose();
        Assert.Equal((0, 0), (Limits.LastCall, Project.ReadLevels(none).Slots));
    }

    [RedisFact]
    public void Unlimited_tokens_are_not_returned()
    {
        End(Admit(100, Requests), 1);
        Assert.Equal(0, Limits.LastCall);
    }

    [RedisFact]
    public void A_refusal_is_trusted_for_a_quarter_of_a_second_but_not_near_the_end_of_its_wait()
    {
        Assert.False(Reply(All, 50, isAdmitted: false, requests: 10, tokens: 0).IsAcquired);
        Assert.Equal(LimitName.Tokens, Peeked(50));
        Assert.Null(Peeked(0));
        Clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal(LimitName.Tokens, Peeked(50));

        // The reply to a call without acquires contains no balance.
        Take(new RedisCall(2, 0, 0, [], []));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(Peeked(50));

        // A cost that can never pass stays refused.
        Assert.Equal(LimitName.Tokens, Peeked(601));

        Reply(All, 2, isAdmitted: false, requests: 10, tokens: 0);
        Clock.Advance(TimeSpan.FromMilliseconds(195));
        Assert.Null(Peeked(2));
        Assert.Equal(LimitName.Tokens, Peeked(3));
    }

    [RedisFact]
    public void Running_requests_are_renewed_if_Redis_keeps_something_for_them()
    {
        Remember(All);
        Assert.False(Project.Renew());
        Admit(100);
        Assert.True(Project.Renew());

        Begin();
        Remember(Tokens);
        Admit(100, Tokens);
        Assert.True(Project.Renew());

        Begin();
        Remember(Requests);
        Admit(100, Requests);
        Assert.False(Project.Renew());
    }

    [RedisFact]
    public void Slots_are_reported_if_concurrency_is_limited_including_earlier_ones()
    {
        var running = new[] { Admit(0, Requests), Admit(0, Requests) };
        Assert.Null(Participant.NextCall());
        Remember(All);
        Assert.Equal(2, SlotsTold());
        running[0].Dispose();
        Assert.Equal(1, SlotsTold());
    }
}
