using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using CsCheck;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>The state of one budget on one edge.</summary>
public sealed class BudgetScopeTests
{
    private static readonly DateTimeOffset SetAt = DateTimeOffset.UnixEpoch;

    [Fact]
    public void A_budget_admits_what_it_has_room_for_and_nothing_once_it_is_used_up() =>
        Gen.Select(Gen.Long[0, 6], Gen.Long[0, 6], Gen.Long[0, 6], Gen.Long[0, 6], Gen.Long[0, 6], Gen.Bool).Sample((cap, counted, released, inFlight, amount, isEnforced) =>
        {
            var scope = Scope(Nanodollars.ToUsd(cap), isEnforced);
            scope.Counted.Add(counted);
            scope.Released.Add(released);
            scope.InFlight = inFlight;

            var spent = Math.Max(0, counted - released);
            Assert.Equal(spent, scope.Spent);
            Assert.Equal(isEnforced ? cap : (long?)null, scope.Cap);
            Assert.Equal(!isEnforced || (spent < cap && spent + inFlight + amount <= cap), scope.Admits(amount));
        });

    [Fact]
    public void A_request_is_reserved_in_all_budgets_or_none_and_ends_with_its_cost()
    {
        var (first, second) = (Scope(10), Scope(5));
        first.IsKnown = second.IsKnown = true;
        var large = new BudgetRequest(Nanodollars.From(6), [first, second]);
        Assert.Same(second, large.DecideLocally());
        Assert.Equal((0, 0), (first.InFlight, second.InFlight));

        var small = new BudgetRequest(Nanodollars.From(5), [first, second]);
        Assert.Null(small.DecideLocally());
        Assert.Equal((Nanodollars.From(5), Nanodollars.From(5)), (first.InFlight, second.InFlight));
        small.End(Nanodollars.From(3), Nanodollars.From(1));
        Assert.All([first, second], scope => Assert.Equal((0, new SpendSums(3, 1), Nanodollars.From(2)), (scope.InFlight, scope.Sums, scope.Spent)));
    }

    [Fact]
    public void An_enforced_budget_of_unknown_spend_refuses_even_what_fits_and_a_budget_that_only_alerts_does_not()
    {
        var (known, unknown, alerting) = (Scope(1), Scope(10), Scope(10, isEnforced: false));
        known.IsKnown = true;
        Assert.Same(unknown, new BudgetRequest(Nanodollars.From(2), [known, unknown]).DecideLocally());
        Assert.Null(new BudgetRequest(1, [known, alerting]).DecideLocally());
        Assert.Equal((1, 0, 1), (known.InFlight, unknown.InFlight, alerting.InFlight));
    }

    [Fact]
    public void Records_that_may_lag_are_read_at_growing_intervals_and_failed_reads_are_repeated_each_time()
    {
        var scope = Scope(10);
        Assert.Empty(Reads(scope, 20));
        scope.ScheduleReread();
        Assert.Equal([1, 2, 4, 8, 16], Reads(scope, 31));
        scope.ScheduleReread();
        Assert.Equal([1, 2, 4], Reads(scope, 7));

        scope.Learn(null, SetAt);
        Assert.Equal([1, 2, 3], Reads(scope, 3));
        scope.Learn(new SpendSums(1, 0), SetAt);
        Assert.Equal([1], Reads(scope, 3));
    }

    [Fact]
    public void Sums_from_the_records_are_reported_and_a_failed_read_changes_nothing()
    {
        var scope = Scope(10);
        Assert.Equal((true, false, null), (scope.IsUnknown, scope.MustReread, scope.ReadForSetAt));
        scope.Learn(null, SetAt);
        Assert.Equal((true, true, SetAt), (scope.IsUnknown, scope.MustReread, scope.ReadForSetAt));

        scope.Learn(new SpendSums(4, 1), SetAt);
        Assert.Equal((false, false, new SpendSums(4, 1)), (scope.IsUnknown, scope.MustReread, scope.Sums));
        scope.Learn(null, SetAt.AddSeconds(1));
        Assert.Equal((true, true, new SpendSums(4, 1), SetAt.AddSeconds(1)), (scope.IsKnown, scope.MustReread, scope.Sums, scope.ReadForSetAt));
        Assert.Equal(3, scope.Revision);

        Assert.False(Scope(10, isEnforced: false).IsUnknown);
    }

    [Fact]
    public void A_scope_is_fully_reported_when_Redis_knows_each_part()
    {
        var scope = Scope(10);
        Assert.True(scope.IsReported);
        scope.Counted.Add(1);
        Assert.False(scope.IsReported);
        scope.Counted.Merge(1, own: 1);
        Assert.True(scope.IsReported);
        scope.Released.Add(1);
        Assert.False(scope.IsReported);
        scope.Released.Merge(1, own: 1);
        scope.InFlight = 3;
        Assert.False(scope.IsReported);
        scope.InFlightReported = 3;
        Assert.True(scope.IsReported);
        scope.Learn(new SpendSums(1, 1), SetAt);
        Assert.False(scope.IsReported);
        scope.RevisionReported = scope.Revision;
        Assert.True(scope.IsReported);
    }

    [Fact]
    public void A_request_is_limited_by_each_of_its_budgets()
    {
        var kinds = new Budget?[] { null, Of(isEnforced: false, refuses: true), Of(isEnforced: true, refuses: false), Of(isEnforced: true, refuses: true) };
        Gen.Select(Gen.OneOfConst(kinds), Gen.OneOfConst(kinds), Gen.OneOfConst(kinds)).Sample((ofProject, ofKey, ofAgent) =>
        {
            var budgets = new ApplicableBudgets(ofProject, ofKey, "key_1", ofAgent, "agt_1");
            Budget?[] all = [ofProject, ofKey, ofAgent];
            Assert.Equal(all.All(budget => budget is null), budgets.IsEmpty);
            Assert.Equal(all.Any(budget => budget?.IsEnforced == true), budgets.AreEnforced);
            Assert.Equal(all.Any(budget => budget is { IsEnforced: true, RefusesUnpriced: true }), budgets.RefuseUnpriced);
        });
    }

    private static Budget Of(bool isEnforced, bool refuses) =>
        new(new() { ProjectId = "p", KeyId = "", MonthlyUsd = 1, IsEnforced = isEnforced, RefusesUnpriced = refuses, SetAt = SetAt }, webhookSecret: null);

    private static BudgetScope Scope(decimal usd, bool isEnforced = true) => new("") { Budget = EdgeOfBudgets.BudgetOf(usd, isEnforced) };

    private static List<int> Reads(BudgetScope scope, int renewals) => [.. Enumerable.Range(1, renewals).Where(_ => scope.MustRead())];
}
