using Cencori.Edge.Routing.Health;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing;

public sealed class CoolingTests
{
    private static readonly Target A = new("cr_a", "gpt-4o");

    private readonly FakeTimeProvider _clock = new();
    private readonly Cooling _cooling;

    public CoolingTests() => _cooling = new(_clock);

    [Fact]
    public void A_newer_hint_replaces_an_older_one_but_never_shortens_the_cool_down()
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
    public void Nonsensical_hints_are_bounded(long milliseconds, int expected)
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromMilliseconds(milliseconds));
        Assert.InRange(Wait(A).TotalMilliseconds, expected, expected * 1.11);
    }

    [Fact]
    public void Without_a_hint_each_cool_down_doubles_up_to_a_minute_and_restarts_after_a_quiet_time()
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
    public void Requests_that_are_refused_together_count_as_one_cool_down()
    {
        for (var request = 0; request < 50; request++)
        {
            _cooling.End(A, TargetOutcome.RateLimited);
        }

        Assert.Equal(1, Wait(A).TotalSeconds, 0.001);
    }

    [Fact]
    public void Only_consecutive_failures_count_and_a_response_resets_them()
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
    public async Task After_the_cool_down_one_of_five_hundred_requests_is_the_probe()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(10));
        Assert.False(Enters(A, out _));
        _clock.Advance(TimeSpan.FromSeconds(12));
        var entered = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => Enters(A, out var _))));
        Assert.Single(entered, isEntered => isEntered);
        Assert.Equal(TimeSpan.FromSeconds(1), Wait(A));

        // The probe's caller has left without a result, so another request becomes the probe.
        _cooling.End(A, TargetOutcome.None, isProbe: true);
        Assert.True(Enters(A, out var isProbe));
        Assert.True(isProbe);
        Assert.False(Enters(A, out _));

        // Requests sent before the cool-down are no probe, however they end.
        _cooling.End(A, TargetOutcome.None);
        _cooling.End(A, TargetOutcome.Completed);
        _cooling.End(A, TargetOutcome.Failed);
        Assert.False(Enters(A, out _));
        _cooling.End(A, TargetOutcome.Started, isProbe: true);
        Assert.True(Enters(A, out isProbe));
        Assert.False(isProbe);
        Assert.True(Enters(A, out _));
        Assert.Equal(TimeSpan.Zero, Wait(A));
    }

    [Fact]
    public void A_probe_that_never_ends_blocks_others_only_for_a_limited_time()
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
    public void A_slow_probe_after_a_rate_limit_blocks_others_only_for_the_time_they_were_told()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        for (var second = 0; second < 5; second++)
        {
            Assert.True(Enters(A, out var isProbe) && isProbe);
            Assert.False(Enters(A, out _));
            _clock.Advance(Wait(A));
        }

        // The first probe succeeds.
        _cooling.End(A, TargetOutcome.Started, isProbe: true);
        Assert.True(Enters(A, out var findsOutStill));
        Assert.False(findsOutStill);
    }

    [Fact]
    public void Failures_during_a_cool_down_do_not_prolong_the_time_that_the_provider_asked_for()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(1));
        Fail();
        var (wait, reason) = _cooling.WaitFor(A);
        Assert.Equal(TargetOutcome.RateLimited, reason);
        Assert.InRange(wait.TotalSeconds, 1, 1.1);
        Assert.Equal(TargetPhase.Cooling, Assert.Single(_cooling.Phases()).Value);

        _clock.Advance(TimeSpan.FromSeconds(1.2));
        (wait, reason) = _cooling.WaitFor(A);
        Assert.Equal(TargetOutcome.Failed, reason);
        Assert.InRange(wait.TotalSeconds, 2.5, 5);
        Assert.Equal(TargetPhase.Open, Assert.Single(_cooling.Phases()).Value);
    }

    [Fact]
    public void A_response_to_an_earlier_request_ends_no_cool_down()
    {
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromSeconds(10));
        _cooling.End(A, TargetOutcome.Completed);
        Assert.InRange(Wait(A).TotalSeconds, 10, 11);
        _cooling.Reset(A);
        Assert.True(_cooling.IsEmpty);
        Assert.Equal(TimeSpan.Zero, Wait(A));
    }

    [Fact]
    public void Invented_model_names_take_limited_room()
    {
        for (var name = 0; name < Cooling.Max + 500; name++)
        {
            _cooling.End(new("cr_a", $"model {name}"), TargetOutcome.NotFound);
        }

        // A target that exists still gets an entry, and keeps it when more invented names arrive.
        _cooling.End(A, TargetOutcome.RateLimited, TimeSpan.FromMinutes(4));
        for (var name = 0; name < Cooling.Max + 500; name++)
        {
            _cooling.End(new("cr_a", $"model {name}"), TargetOutcome.NotFound);
        }

        Assert.InRange(_cooling.Of(target => target.CredentialId == "cr_a").Count, 1, Cooling.Max);
        Assert.InRange(Wait(A).TotalMinutes, 4, 4.5);
    }

    [Fact]
    public void Responses_that_begin_well_and_break_count_as_consecutive_failures()
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
    public void A_cool_down_that_many_requests_hear_at_once_is_reported_once()
    {
        var news = Enumerable.Range(0, 500).Count(_ => _cooling.End(A, TargetOutcome.CredentialRefused));
        Assert.Equal(1, news);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_cooling.End(A, TargetOutcome.CredentialRefused));
    }

    [Fact]
    public void A_spent_quota_doubles_its_cool_down_up_to_an_hour_and_only_a_response_resets_it()
    {
        var account = new Target("cr_a", null);
        foreach (var minutes in (int[])[5, 10, 20, 40, 60, 60])
        {
            _cooling.End(account, TargetOutcome.QuotaSpent, TimeSpan.FromSeconds(1));
            Assert.Equal(minutes, Wait(account).TotalMinutes, 0.001);

            // No request comes for a while.
            _clock.Advance(TimeSpan.FromMinutes(minutes + 20));
        }

        Assert.True(Enters(account, out var isProbe));
        _cooling.End(account, TargetOutcome.Completed, isProbe: isProbe);
        _cooling.End(account, TargetOutcome.QuotaSpent);
        Assert.Equal(5, Wait(account).TotalMinutes, 0.001);
    }

    [Fact]
    public void A_request_too_large_for_an_account_starts_no_cool_down_and_leaves_the_probe_to_the_next()
    {
        _cooling.End(A, TargetOutcome.ExceedsQuota);
        _cooling.End(A, TargetOutcome.Unsupported);
        Assert.True(_cooling.IsEmpty);
        _cooling.End(A, TargetOutcome.RateLimited);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(Enters(A, out var isProbe));
        _cooling.End(A, TargetOutcome.ExceedsQuota, isProbe: isProbe);
        Assert.True(Enters(A, out isProbe) && isProbe);
    }

    [Fact]
    public void The_cool_down_of_a_secret_does_not_apply_to_its_replacement()
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

    private bool Enters(Target target, out bool isProbe) => _cooling.TryEnter(target, out isProbe);

    private TimeSpan Wait(Target target) => _cooling.WaitFor(target).Wait;
}
