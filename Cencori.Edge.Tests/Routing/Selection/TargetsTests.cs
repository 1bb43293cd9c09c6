using System.Collections.Immutable;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Routing.Selection;

/// <summary>Which of several targets is asked, depending on earlier outcomes.</summary>
public sealed class TargetsTests
{
    private static readonly ImmutableArray<ProviderCredential> All =
        [.. Enumerable.Range(0, 3).Select(rank => new ProviderCredential("openai", KeyEnvironment.Production, "", "sk", null) { Id = $"cr_{rank}", Rank = rank })];

    private readonly FakeTimeProvider _clock = new();
    private readonly TargetTable _table;

    public TargetsTests() => _table = new(new CacheInvalidation(_clock), _clock);

    [Fact]
    public void A_probe_that_ends_without_a_result_leaves_the_probe_to_the_next_request()
    {
        CoolTheFirst();
        using var first = Begun();
        using (var meanwhile = Begun())
        {
            Assert.Equal(("cr_0", "cr_1"), (first.Id, meanwhile.Id));
        }

        first.Dispose();
        using var next = Begun();
        Assert.Equal("cr_0", next.Id);
    }

    [Fact]
    public void A_target_that_was_chosen_next_but_not_asked_is_free_for_others()
    {
        Cool("cr_1");
        using (var leaving = Begun())
        {
            Assert.True(leaving.Targets.ShouldFailOver(500, null));
        }

        using var other = Begun();
        Assert.True(other.Targets.ShouldFailOver(500, null));
        Assert.Equal(TimeSpan.FromSeconds(1), _table.Cooling.WaitFor(new("cr_1", "gpt-4o")).Wait);
    }

    [Fact]
    public void The_outcome_of_a_request_that_can_be_sent_only_once_counts_for_the_next()
    {
        using var once = Begun(canRepeat: false);
        Assert.False(once.Targets.ShouldFailOver(401, null));
        using var next = Begun();
        Assert.Equal("cr_1", next.Id);
    }

    [Fact]
    public void If_all_targets_cool_down_the_failed_one_that_is_due_first_is_asked()
    {
        _table.Cooling.End(new("cr_0", null), TargetOutcome.CredentialRefused);
        for (var failure = 0; failure < Cooling.FailuresToOpen; failure++)
        {
            _table.Cooling.End(new("cr_1", "gpt-4o"), TargetOutcome.Failed);
        }

        _table.Cooling.End(new("cr_2", "gpt-4o"), TargetOutcome.Failed, TimeSpan.FromSeconds(60));
        using var requested = Begun();
        Assert.Equal("cr_1", requested.Id);
        Assert.Null(New().Refusal());
        _table.Cooling.End(new("cr_1", "gpt-4o"), TargetOutcome.RateLimited, TimeSpan.FromSeconds(100));
        _table.Cooling.End(new("cr_2", "gpt-4o"), TargetOutcome.RateLimited, TimeSpan.FromSeconds(200));
        Assert.InRange(New().Refusal()!.RetryAfter!.Value.TotalSeconds, 100, 110);
    }

    [Fact]
    public void After_a_minute_no_other_target_is_asked()
    {
        using var request = Begun();
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.False(request.Targets.ShouldFailOver(429, null));
    }

    [Theory]
    [InlineData("a|b c")]
    [InlineData("")]
    [InlineData("\ud800x")]
    public void Model_names_may_be_any_text(string model)
    {
        using var request = Begun(model: model);
        Assert.True(request.Targets.ShouldFailOver(429, TimeSpan.FromSeconds(5)));
        using var next = Begun(model: model);
        Assert.Equal("cr_1", next.Id);
    }

    private void CoolTheFirst() => Cool("cr_0");

    private void Cool(string id)
    {
        _table.Cooling.End(new(id, "gpt-4o"), TargetOutcome.RateLimited, TimeSpan.FromSeconds(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
    }

    private Targets New(bool canRepeat = true, string model = "gpt-4o")
    {
        var (preference, plan) = (new TargetPreference("p", model, "POST /v1/chat/completions"), PlanOf.OpenAi(All));
        return new(_table, new RequestClock(_clock), preference, plan, preference.AbleOf(plan), canRepeat);
    }

    private Request Begun(bool canRepeat = true, string model = "gpt-4o")
    {
        var targets = New(canRepeat, model);
        targets.Begin();
        return new(targets);
    }

    private sealed class Request(Targets targets) : IDisposable
    {
        public Targets Targets => targets;

        public string Id { get; } = targets.Current.Id;

        public void Dispose() => targets.EndUse();
    }
}
