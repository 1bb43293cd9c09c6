using Cencori.Edge.Routing;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing;

public sealed class CoolingTests
{
    private static readonly Target A = new("cr_a", "gpt-4o");

    private readonly FakeTimeProvider _clock = new();
    private readonly Cooling _cooling;

    public CoolingTests() => _cooling = new(_clock);

    [Fact]
    public void Each_hint_is_the_newest_and_never_shorter_than_what_was_known()
    {
        foreach (var seconds in (int[])[1, 5, 30])
        {
            _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(seconds));
            Assert.InRange(Wait(A).TotalSeconds, seconds, seconds * 1.1);
        }

        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(1));
        Assert.InRange(Wait(A).TotalSeconds, 30, 33);
        _clock.Advance(TimeSpan.FromSeconds(34));
        Assert.Equal(TimeSpan.Zero, Wait(A));
    }

    [Theory]
    [InlineData(-5_000, 250)]
    [InlineData(0, 250)]
    [InlineData(315_360_000_000, 300_000)]
    public void Hints_that_make_no_sense_are_bounded(long milliseconds, int expected)
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromMilliseconds(milliseconds));
        Assert.InRange(Wait(A).TotalMilliseconds, expected, expected * 1.11);
    }

    [Fact]
    public void Without_a_hint_each_wait_is_twice_the_one_before_up_to_a_minute_and_after_a_while_it_begins_anew()
    {
        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            _cooling.End(A, TargetOutcome.RateLimited);
            Assert.Equal(seconds, Wait(A).TotalSeconds, 0.001);
            _clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        _clock.Advance(TimeSpan.FromMinutes(3));
        _cooling.End(A, TargetOutcome.RateLimited);
        Assert.Equal(1, Wait(A).TotalSeconds, 0.001);
    }

    [Fact]
    public void Those_that_were_under_way_together_are_refused_once()
    {
        for (var request = 0; request < 50; request++)
        {
            _cooling.End(A, TargetOutcome.RateLimited);
        }

        Assert.Equal(1, Wait(A).TotalSeconds, 0.001);
    }

    [Fact]
    public void Only_failures_one_after_the_other_count_and_a_response_between_them_begins_anew()
    {
        for (var failure = 1; failure < Cooling.FailuresToOpen; failure++)
        {
            _cooling.End(A, TargetOutcome.Failed);
        }

        _cooling.End(A, TargetOutcome.Completed);
        _cooling.End(A, TargetOutcome.Failed);
        Assert.Equal(TimeSpan.Zero, Wait(A));
        for (var failure = 1; failure < Cooling.FailuresToOpen; failure++)
        {
            _cooling.End(A, TargetOutcome.Failed);
        }

        Assert.InRange(Wait(A).TotalSeconds, 4, 6);
    }

    [Fact]
    public async Task When_it_is_over_one_of_five_hundred_finds_out()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(10));
        Assert.False(Enters(A, out _));
        _clock.Advance(TimeSpan.FromSeconds(12));
        var entered = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => Enters(A, out var _))));
        Assert.Single(entered, isEntered => isEntered);
        Assert.Equal(TimeSpan.FromSeconds(1), Wait(A));

        // Its caller has left: nobody knows more, and another finds out.
        _cooling.End(A, TargetOutcome.None, findsOut: true);
        Assert.True(Enters(A, out var findsOut));
        Assert.True(findsOut);
        Assert.False(Enters(A, out _));

        // What was sent before finds out nothing, however it ends.
        _cooling.End(A, TargetOutcome.None);
        _cooling.End(A, TargetOutcome.Completed);
        _cooling.End(A, TargetOutcome.Failed);
        Assert.False(Enters(A, out _));
        _cooling.End(A, TargetOutcome.Started, findsOut: true);
        Assert.True(Enters(A, out findsOut));
        Assert.False(findsOut);
        Assert.True(Enters(A, out _));
        Assert.Equal(TimeSpan.Zero, Wait(A));
    }

    [Fact]
    public void Who_never_comes_back_from_finding_out_keeps_nobody_else_from_it_for_long()
    {
        Fail();
        _clock.Advance(TimeSpan.FromSeconds(7));
        Assert.True(Enters(A, out _));
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.False(Enters(A, out _));
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.True(Enters(A, out _));
    }

    [Fact]
    public void A_long_response_after_a_wait_keeps_nobody_from_asking_for_longer_than_they_were_told()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        for (var second = 0; second < 5; second++)
        {
            Assert.True(Enters(A, out var findsOut) && findsOut);
            Assert.False(Enters(A, out _));
            _clock.Advance(Wait(A));
        }

        // The first of them is well.
        _cooling.End(A, TargetOutcome.Started, findsOut: true);
        Assert.True(Enters(A, out var findsOutStill));
        Assert.False(findsOutStill);
    }

    [Fact]
    public void Who_said_to_wait_and_fails_meanwhile_has_said_no_more_than_it_did()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(1));
        Fail();
        var (wait, why) = _cooling.WaitFor(A);
        Assert.Equal(TargetOutcome.RateLimited, why);
        Assert.InRange(wait.TotalSeconds, 1, 1.1);
        Assert.Equal(TargetPhase.Cooling, Assert.Single(_cooling.Phases()).Value);

        _clock.Advance(TimeSpan.FromSeconds(1.2));
        (wait, why) = _cooling.WaitFor(A);
        Assert.Equal(TargetOutcome.Failed, why);
        Assert.InRange(wait.TotalSeconds, 2.5, 5);
        Assert.Equal(TargetPhase.Open, Assert.Single(_cooling.Phases()).Value);
    }

    [Fact]
    public void A_response_to_what_was_sent_before_ends_no_wait()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(10));
        _cooling.End(A, TargetOutcome.Completed);
        Assert.InRange(Wait(A).TotalSeconds, 10, 11);
        _cooling.Reset(A);
        Assert.True(_cooling.IsEmpty);
        Assert.Equal(TimeSpan.Zero, Wait(A));
    }

    [Fact]
    public void Names_that_callers_make_up_take_no_more_room_than_there_is()
    {
        for (var name = 0; name < Cooling.Most + 500; name++)
        {
            _cooling.End(new("cr_a", $"model {name}"), TargetOutcome.NotThere);
        }

        // What is really there finds room all the same.
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromMinutes(4));
        for (var name = 0; name < Cooling.Most + 500; name++)
        {
            _cooling.End(new("cr_a", $"model {name}"), TargetOutcome.NotThere);
        }

        Assert.InRange(_cooling.Of(target => target.CredentialId == "cr_a").Count, 1, Cooling.Most);
        Assert.InRange(Wait(A).TotalMinutes, 4, 4.5);
    }

    [Fact]
    public void Responses_that_begin_well_and_break_are_failures_one_after_the_other()
    {
        for (var failure = 0; failure < Cooling.FailuresToOpen; failure++)
        {
            Assert.Equal(TimeSpan.Zero, Wait(A));
            _cooling.End(A, TargetOutcome.Started);
            _cooling.End(A, TargetOutcome.Failed);
        }

        Assert.InRange(Wait(A).TotalSeconds, 4, 6);
    }

    [Fact]
    public void What_many_are_told_at_once_is_news_once()
    {
        var news = Enumerable.Range(0, 500).Count(_ => _cooling.End(A, TargetOutcome.CredentialRefused));
        Assert.Equal(1, news);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_cooling.End(A, TargetOutcome.CredentialRefused));
    }

    [Fact]
    public void Spent_quota_is_left_alone_twice_as_long_each_time_up_to_an_hour_and_only_a_response_begins_anew()
    {
        var account = new Target("cr_a", null);
        foreach (var minutes in (int[])[5, 10, 20, 40, 60, 60])
        {
            _cooling.End(account, TargetOutcome.QuotaSpent, TimeSpan.FromSeconds(1));
            Assert.Equal(minutes, Wait(account).TotalMinutes, 0.001);

            // Nobody comes for a while.
            _clock.Advance(TimeSpan.FromMinutes(minutes + 20));
        }

        Assert.True(Enters(account, out var findsOut));
        _cooling.End(account, TargetOutcome.Completed, findsOut: findsOut);
        _cooling.End(account, TargetOutcome.QuotaSpent);
        Assert.Equal(5, Wait(account).TotalMinutes, 0.001);
    }

    [Fact]
    public void What_is_too_much_for_an_account_says_nothing_of_it_and_leaves_finding_out_to_the_next()
    {
        _cooling.End(A, TargetOutcome.TooMuch);
        Assert.True(_cooling.IsEmpty);
        _cooling.End(A, TargetOutcome.RateLimited);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(Enters(A, out var findsOut));
        _cooling.End(A, TargetOutcome.TooMuch, findsOut: findsOut);
        Assert.True(Enters(A, out findsOut) && findsOut);
    }

    [Fact]
    public void What_is_said_of_a_secret_says_nothing_of_the_one_in_its_place()
    {
        var before = new Target("cr_a", null, Version: "1");
        _cooling.End(before, TargetOutcome.CredentialRefused);
        Assert.Equal(TimeSpan.Zero, Wait(before with { Version = "2" }));
        _cooling.Reset("cr_a");
        Assert.Equal(TimeSpan.Zero, Wait(before));
    }

    private void Fail()
    {
        for (var failure = 0; failure < Cooling.FailuresToOpen; failure++)
        {
            _cooling.End(A, TargetOutcome.Failed);
        }
    }

    private bool Enters(Target target, out bool findsOut) => _cooling.TryEnter(target, out findsOut);

    private TimeSpan Wait(Target target) => _cooling.WaitFor(target).Wait;
}
