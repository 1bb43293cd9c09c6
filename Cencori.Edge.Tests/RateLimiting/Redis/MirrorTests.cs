using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>An edge's mirror of a balance in Redis.</summary>
public sealed class MirrorTests
{
    private const long Permit = RedisScript.UnitsPerPermit;

    private static readonly RateLimits All = new(60, 10, 600, 2);
    private static readonly RateLimitCost Cost = new("p", All, 100);

    private readonly FakeTimeProvider _clock = new();
    private readonly ProjectBuckets _mirror;

    public MirrorTests() => _mirror = new ProjectBuckets(_clock);

    [Fact]
    public void The_mirror_has_the_level_of_the_last_call_plus_the_refill_since()
    {
        var sentAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(3));

        var decision = Adopt(new(true, 2 * Permit, 50 * Permit, 1), sentAt);
        Assert.Equal((2, 50), (decision.Requests!.Value.Remaining, decision.Tokens!.Value.Remaining));
        Assert.Equal(Refusal.None, decision.Refusal);

        Assert.Equal((5 * Permit, 80 * Permit), _mirror.Levels());
    }

    [Fact]
    public void An_admitted_request_has_a_slot_and_is_counted_and_a_probe_is_not()
    {
        Adopt(new(true, Permit, 500 * Permit, 1), permits: 1);
        Adopt(new(true, Permit, 500 * Permit, 1), permits: 0);
        Adopt(new(false, 0, 0, 1), permits: 1);
        Adopt(new(false, 0, 0, 1), permits: 0);

        Assert.Equal((1, 1), (_mirror.Statistics().TotalSuccessfulLeases, _mirror.Statistics().TotalFailedLeases));
        Assert.Equal(1, Look().Slots);
        _mirror.Release(tokens: null, reserved: 0, actual: 0);
        Assert.Equal(0, Look().Slots);
    }

    [Fact]
    public void A_refusal_names_the_limit_with_the_longest_wait()
    {
        Assert.Equal(new Refusal(LimitName.Requests, TimeSpan.FromSeconds(1)), Adopt(new(false, 0, 600 * Permit, 0)).Refusal);
        Assert.Equal(new Refusal(LimitName.Tokens, TimeSpan.FromSeconds(10)), Adopt(new(false, 0, 0, 2)).Refusal);
        Assert.Equal(new Refusal(LimitName.Concurrency, TimeSpan.FromSeconds(1)), Adopt(new(false, Permit, 600 * Permit, 2)).Refusal);

        // The mirror has room, but Redis computed slightly less.
        Assert.Equal(new Refusal(LimitName.Requests, TimeSpan.FromMilliseconds(1)), Adopt(new(false, Permit, 600 * Permit, 1)).Refusal);
    }

    [Fact]
    public void Peeking_takes_nothing_and_ignores_slots()
    {
        for (var i = 0; i < 3; i++)
        {
            var decision = _mirror.Peek(Cost, permits: 1);
            Assert.Equal((10, 600, Refusal.None), (decision.Requests!.Value.Remaining, decision.Tokens!.Value.Remaining, decision.Refusal));
        }

        Assert.Equal(new Refusal(LimitName.Requests, null), _mirror.Peek(Cost, permits: 11).Refusal);
        Assert.Equal(new Refusal(LimitName.Tokens, null), _mirror.Peek(Cost with { Tokens = 601 }, permits: 1).Refusal);
        Assert.Equal((0, 0), (_mirror.Statistics().TotalSuccessfulLeases, _mirror.Statistics().TotalFailedLeases));
    }

    [Fact]
    public void Usage_that_Redis_does_not_know_yet_is_in_the_mirror_already()
    {
        Adopt(new(true, Permit, 50 * Permit, 1));
        _mirror.Expect(30);
        _mirror.Expect(-5);
        _mirror.ExpectRequests(2);
        Assert.Equal((3 * Permit, 75 * Permit), _mirror.Levels());
    }

    [Fact]
    public void A_request_admitted_without_limits_has_a_slot_too()
    {
        _mirror.Admit(permits: 1);
        _mirror.Admit(permits: 0);
        Assert.Equal((1, 1), (Look().Slots, _mirror.Statistics().TotalSuccessfulLeases));
        Assert.Equal((null, null), _mirror.Levels());
    }

    [Fact]
    public void Statistics_include_the_refill_up_to_now()
    {
        _mirror.Take(Cost, permits: 10, out _);
        Assert.Equal(0, _mirror.Statistics().CurrentAvailablePermits);
        Assert.Equal(new Refusal(LimitName.Requests, TimeSpan.FromSeconds(1)), _mirror.Peek(Cost, permits: 0).Refusal);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(4, _mirror.Statistics().CurrentAvailablePermits);
    }

    private RateLimitDecision Adopt(RedisReply reply, long? sentAt = null, int permits = 1) => _mirror.Adopt(Cost, permits, reply, sentAt ?? _clock.GetTimestamp(), out _);

    private LimitLevels Look() => _mirror.ReadLevels(All, LimitStore.Redis);
}
