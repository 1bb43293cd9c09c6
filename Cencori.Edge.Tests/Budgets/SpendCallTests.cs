using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>The arguments of the budget script, one by one, and the meaning of its reply.</summary>
public sealed class SpendCallTests
{
    private const long Usd = 1_000_000_000;

    [Fact]
    public void The_arguments_are_in_the_order_in_which_the_script_reads_them()
    {
        var (known, reported, unknown) = (Scope("", 10), Scope("key_1", 5, isEnforced: false), Scope("agt_1", 3));
        known.Learn(new SpendSums(4, 1), default);
        known.Counted.Add(7);
        known.Released.Add(2);
        (known.Generation, known.InFlight) = ("123", 9);
        reported.Learn(new SpendSums(1, 0), default);
        reported.RevisionReported = reported.Revision;
        reported.Counted.Add(5);
        reported.Counted.Merge(Usd + 3, own: 3);
        var call = new SpendCall([known, reported, unknown], [new(20, [known, reported]), new(30, [unknown]), new(40, [known, unknown])]);

        Assert.Equal(
            [
                "123", $"{(4 * Usd) + 7}", "0", "7", $"{Usd + 2}", "0", "2", "9", $"{10 * Usd}",
                "", "-1", "3", "5", "-1", "0", "0", "0", "-1",
                "", "-2", "0", "0", "-2", "0", "0", "0", $"{3 * Usd}",
                "3", "20", "3", "30", "4", "40", "5",
            ],
            call.Arguments.Select(value => value.ToString()));
        Assert.Equal(
            ["cencori:{p}:budget:2026-11:", "cencori:{p}:budget:2026-11:key_1", "cencori:{p}:budget:2026-11:agt_1"],
            call.Keys("p", new BillingMonth(2026, 11)).Select(key => key.ToString()));
    }

    [Fact]
    public async Task A_reply_has_the_state_of_every_budget_and_the_budget_that_refuses()
    {
        var (first, second) = (Scope("", 10), Scope("key_1", 5));
        second.Learn(new SpendSums(1, 0), default);
        first.Counted.Add(3);
        first.Released.Add(1);
        (first.InFlight, second.InFlight) = (100, 200);
        BudgetRequest[] requests = [new(20, [first]), new(30, [first, second]), new(40, [first, second])];
        var call = new SpendCall([first, second], requests);

        // Changes during the call.
        first.Counted.Add(4);
        first.InFlight += 6;
        second.Learn(new SpendSums(2, 0), default);
        Assert.Null(call.Take([1, 55, 1_003, 501, 66, 2 * Usd, 0, 0, 2, 0]));

        Assert.Equal(("55", 1_003 + 4, 501), (first.Generation, first.Counted.Now, first.Released.Now));
        Assert.Equal(("66", 2 * Usd, 0), (second.Generation, second.Counted.Now, second.Released.Now));
        Assert.Equal((106 + 20 + 40, 100 + 20 + 40), (first.InFlight, first.InFlightReported));
        Assert.Equal((200 + 40, 200 + 40), (second.InFlight, second.InFlightReported));
        Assert.Equal((true, true), (first.IsKnown, second.IsKnown));
        Assert.Equal((false, true), (first.HasPendingChanges, second.HasPendingChanges));
        Assert.Equal([null, second, null], await Task.WhenAll(requests.Select(request => request.Task)));
    }

    [Fact]
    public void A_budget_that_Redis_has_lost_is_returned_and_nothing_is_processed()
    {
        var (first, second) = (Scope("", 10), Scope("key_1", 5));
        BudgetRequest request = new(20, [first, second]);
        Assert.Same(second, new SpendCall([first, second], [request]).Take([0, 2]));

        Assert.Equal((null, false, 0), (first.Generation, first.IsKnown, first.InFlight));
        Assert.False(request.Task.IsCompleted);
    }

    [Fact]
    public void A_repeated_call_has_the_current_state()
    {
        var scope = Scope("", 10);
        BudgetRequest request = new(20, [scope]);
        var call = new SpendCall([scope], [request]);
        scope.Learn(new SpendSums(4, 1), default);
        scope.Counted.Add(7);

        var again = call.Recreate();
        Assert.Same(request, Assert.Single(again.Requests));
        Assert.Equal([-2, (4 * Usd) + 7], new[] { call, again }.Select(one => (long)one.Arguments[1]));
    }

    private static BudgetScope Scope(string keyId, decimal usd, bool isEnforced = true) => new(keyId) { Budget = EdgeOfBudgets.BudgetOf(usd, isEnforced) };
}
