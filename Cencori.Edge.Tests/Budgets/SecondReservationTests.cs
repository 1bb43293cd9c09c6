using Cencori.Edge.Budgets;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>A request that needs more than was reserved for it at first, for example because another model answers it. One output token costs one dollar.</summary>
public sealed class SecondReservationTests : IAsyncDisposable
{
    private readonly LedgerOfOneEdge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Theory]
    [InlineData(null, 7)]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    public async Task Two_reservations_are_settled_as_one(int? cost, int spent)
    {
        var both = await ReserveBothAsync();
        Assert.Equal((7, 7_000_000_000), (both.Usd, await ReservedAsync()));
        both.Settle(cost, released: 1);
        both.Dispose();
        both.Dispose();
        Assert.Equal((spent, 0), (await _edge.Ledger.SpentAsync("p", null), await ReservedAsync()));
        Assert.Equal(1, (await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt)).Edge!.Value.Sums.Released);
    }

    [Fact]
    public async Task Nothing_reserved_adds_nothing()
    {
        using var one = (await _edge.ReserveAsync(Caller, 3))!;
        Assert.Same(one, one.And(BudgetReservation.None));
        Assert.Same(one, BudgetReservation.None.And(one));
        Assert.Same(BudgetReservation.None, BudgetReservation.None.And(BudgetReservation.None));
        Assert.Equal(0, BudgetReservation.None.Usd);
    }

    [Theory]
    [InlineData(4, 3, 1)]
    [InlineData(4, 4, 0)]
    [InlineData(4, 5, 0)]
    [InlineData(0, 1, 0)]
    public async Task Only_what_is_not_held_yet_is_reserved(int usd, int held, int reserved)
    {
        using var more = await AskAsync(usd, held);
        Assert.Equal((reserved, reserved * 1_000_000_000L), (more!.Usd, await ReservedAsync()));
    }

    [Fact]
    public async Task The_rest_is_rounded_up()
    {
        using var more = await AskAsync(4, held: 3.000_000_000_9m);
        Assert.Equal(1_000_000_000, await ReservedAsync());
    }

    [Fact]
    public async Task A_request_that_holds_enough_is_not_refused_although_the_budget_is_used_up_meanwhile()
    {
        (await _edge.ReserveAsync(Caller, 10))!.Dispose();
        Assert.Same(BudgetReservation.None, await AskAsync(2, held: 2));
        Assert.Same(BudgetReservation.None, await AskAsync(0, held: 0.5m));
        Assert.Null(await AskAsync(2, held: 1));
        Assert.Null(await AskAsync(0, held: 0));
    }

    private static Cencori.Edge.Keys.Caller Caller => LedgerOfOneEdge.CallerWith(("", 10));

    private async Task<BudgetReservation> ReserveBothAsync() => (await _edge.ReserveAsync(Caller, 3))!.And((await _edge.ReserveAsync(Caller, 4))!);

    private ValueTask<BudgetReservation?> AskAsync(int usd, decimal held) =>
        _edge.Ledger.TryReserveAsync(_edge.Context(), Caller, "openai", "gpt-4o", LedgerOfOneEdge.Usage(usd), held: held);

    private async Task<long> ReservedAsync() => (await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt)).Edge?.InFlight ?? 0;
}
