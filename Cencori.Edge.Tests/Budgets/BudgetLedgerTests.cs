using Cencori.Edge.Budgets;
using Cencori.Edge.Errors;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>What requests may spend on a single edge. One output token costs one dollar.</summary>
public sealed class BudgetLedgerTests : IAsyncDisposable
{
    private readonly LedgerOfOneEdge _edge = new();

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task A_request_without_a_budget_reserves_nothing()
    {
        Assert.Same(BudgetReservation.None, await _edge.ReserveAsync(LedgerOfOneEdge.CallerWith(), 1_000));
        Assert.Same(BudgetReservation.None, await _edge.ReserveAsync(LedgerOfOneEdge.CallerWith(("key_2", 1)), 1_000));
        Assert.Equal([false, false, true, true], new[] { LedgerOfOneEdge.CallerWith(), LedgerOfOneEdge.CallerWith(("key_2", 1)), LedgerOfOneEdge.CallerWith(("key_1", 1)), LedgerOfOneEdge.CallerWith(("", 1)) }.Select(_edge.Ledger.AppliesTo));
        Assert.False(_edge.Ledger.AppliesTo(LedgerOfOneEdge.CallerWith(isEnforced: false, refuses: false, ("", 1))));
        Assert.Null(_edge.Ledger.IsRedisAvailable);
    }

    [Theory]
    [InlineData("", "project")]
    [InlineData("key_1", "key")]
    [InlineData("agt_1", "agent")]
    public async Task A_refusal_names_the_budget_and_the_reason(string of, string name)
    {
        var caller = LedgerOfOneEdge.CallerWith((of, 3.5m));
        Assert.Equal($"The {name}'s budget of 3.5 USD for 2026-11 has no room for this request, which may cost up to 4 USD: 0 USD are spent.", await _edge.RefusedAsync(caller, 4));

        using var running = await _edge.ReserveAsync(caller, 2);
        Assert.Equal(
            $"The {name}'s budget of 3.5 USD for 2026-11 has no room for this request, which may cost up to 2 USD: 0 USD are spent, and the rest is reserved for running requests.", await _edge.RefusedAsync(caller, 2));
        running!.Settle(3.5m);
        running.Dispose();
        Assert.Equal($"The {name}'s budget of 3.5 USD for 2026-11 is used up: 3.5 USD are spent.", await _edge.RefusedAsync(caller, 0));
    }

    [Fact]
    public async Task Running_requests_do_not_make_an_exactly_filled_budget_used_up()
    {
        var caller = LedgerOfOneEdge.CallerWith(("", 3));
        using var first = await _edge.ReserveAsync(caller, 1);
        first!.Settle(1);
        first.Dispose();
        using var running = await _edge.ReserveAsync(caller, 1);
        Assert.EndsWith("may cost up to 2 USD: 1 USD are spent, and the rest is reserved for running requests.", await _edge.RefusedAsync(caller, 2), StringComparison.Ordinal);
        Assert.EndsWith("may cost up to 3 USD: 1 USD are spent.", await _edge.RefusedAsync(caller, 3), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, 0.0, "2")]
    [InlineData(0.5, 0.0, "0.5")]
    [InlineData(0.5, 1.25, "0.5")]
    public async Task The_reservation_is_the_cost_unless_a_cost_is_settled_and_it_counts_once(double? cost, double released, string spent)
    {
        var caller = LedgerOfOneEdge.CallerWith(("", 10));
        var reservation = (await _edge.ReserveAsync(caller, 2))!;
        reservation.Settle(7);
        reservation.Settle((decimal?)cost, (decimal)released);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(reservation.Dispose)));

        Assert.Equal(decimal.Parse(spent, System.Globalization.CultureInfo.InvariantCulture), await _edge.Ledger.SpentAsync("p", null));
        var (edge, redis) = await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt);
        Assert.Equal(((decimal)released, 0, null), (edge!.Value.Sums.Released, edge.Value.InFlight, redis));
    }

    [Fact]
    public async Task An_unsettled_reservation_costs_its_whole_amount()
    {
        (await _edge.ReserveAsync(LedgerOfOneEdge.CallerWith(("", 10)), 2))!.Dispose();
        Assert.Equal((2, 0), (await _edge.Ledger.SpentAsync("p", null), await _edge.Ledger.SpentAsync("p", "key_1")));
        _edge.Records.Spent = 5;
        Assert.Equal(5, await _edge.Ledger.SpentAsync("p", null));
    }

    [Fact]
    public async Task Work_begun_in_one_month_and_paid_in_the_next_counts_in_both()
    {
        var (begunAt, november) = (_edge.Clock.GetUtcNow(), _edge.Month);
        var caller = LedgerOfOneEdge.CallerWith(("", 10), ("key_1", 20));
        var reservation = (await _edge.ReserveAsync(caller, 2))!;
        reservation.Dispose();
        _edge.Clock.Advance(TimeSpan.FromMinutes(2));

        var count = await _edge.Ledger.BeginExchangeAsync(caller.Project, "key_1", begunAt);
        count(2, 0.75m);
        foreach (var scope in (string[])["", "key_1"])
        {
            Assert.Equal(0, (await _edge.Ledger.ReadCountersAsync("p", november, scope, LedgerOfOneEdge.SetAt)).Edge!.Value.Spent);
            Assert.Equal(750_000_000, (await _edge.Ledger.ReadCountersAsync("p", _edge.Month, scope, LedgerOfOneEdge.SetAt)).Edge!.Value.Spent);
        }

        // Without a matching budget nothing is counted.
        (await _edge.Ledger.BeginExchangeAsync(LedgerOfOneEdge.CallerWith(("key_2", 1)).Project, "key_1", begunAt))(2, 1);
        Assert.Equal(0.75m, await _edge.Ledger.SpentAsync("p", null));
    }

    [Fact]
    public async Task A_key_budget_alone_counts_what_is_paid_later()
    {
        var caller = LedgerOfOneEdge.CallerWith(("key_1", 20));
        (await _edge.Ledger.BeginExchangeAsync(caller.Project, "key_1", _edge.Clock.GetUtcNow()))(0, 3);
        Assert.Equal((0, 3), (await _edge.Ledger.SpentAsync("p", null), await _edge.Ledger.SpentAsync("p", "key_1")));
    }

    [Fact]
    public async Task An_exchange_with_unknown_spend_counts_nothing_on_this_edge()
    {
        _edge.Records.IsAway = true;
        var count = await _edge.Ledger.BeginExchangeAsync(LedgerOfOneEdge.CallerWith(("", 10)).Project, "key_1", _edge.Clock.GetUtcNow());
        count(2, 1);
        Assert.Null((await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt)).Edge);
    }

    [Fact]
    public async Task An_exchange_counts_in_each_budget_whose_spend_is_known()
    {
        (await _edge.ReserveAsync(LedgerOfOneEdge.CallerWith(("", 10)), 2))!.Dispose();
        _edge.Records.IsAway = true;
        (await _edge.Ledger.BeginExchangeAsync(LedgerOfOneEdge.CallerWith(("", 10), ("key_1", 20)).Project, "key_1", _edge.Clock.GetUtcNow()))(0, 1);

        // The reservation was not settled, so it counts too.
        Assert.Equal(3_000_000_000, (await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt)).Edge!.Value.Spent);
        Assert.Null((await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "key_1", LedgerOfOneEdge.SetAt)).Edge);
    }

    [Fact]
    public async Task A_budget_of_unknown_spend_refuses_temporarily_and_is_counted()
    {
        using var counted = new MetricCollector<long>(_edge.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), EdgeTelemetry.MeterName, BudgetLedger.UnknownName);
        _edge.Records.IsAway = true;
        var context = _edge.Context();
        Assert.Null(await _edge.Ledger.TryReserveAsync(context, LedgerOfOneEdge.CallerWith(("", 10)), "openai", "gpt-4o", LedgerOfOneEdge.Usage(1)));
        Assert.Equal(("The edge cannot read the spend of the budget at the moment.", 503), (context.GetRefusal()!.Message, context.GetRefusal()!.Status));
        Assert.Equal([1], counted.GetMeasurementSnapshot().Select(one => one.Value));

        _edge.Records.IsAway = false;
        Assert.NotNull(await _edge.RefusedAsync(LedgerOfOneEdge.CallerWith(("key_1", 1)), 2));
        Assert.Single(counted.GetMeasurementSnapshot());
    }

    [Theory]
    [InlineData(true, true, "unheard-of", "The budget refuses models without a price, and 'unheard-of' of 'openai' has none.")]
    [InlineData(true, true, null, "The budget refuses models without a price, and this request names no model.")]
    [InlineData(true, false, "unheard-of", null)]
    [InlineData(false, true, "unheard-of", null)]
    public async Task A_model_without_a_price_is_refused_if_the_budget_says_so_and_else_logged_once_a_minute(bool isEnforced, bool refuses, string? model, string? message)
    {
        var caller = LedgerOfOneEdge.CallerWith(isEnforced, refuses, ("", 10));
        for (var i = 0; i < 3; i++)
        {
            var context = _edge.Context();
            using var reservation = await _edge.Ledger.TryReserveAsync(context, caller, "openai", model, LedgerOfOneEdge.Usage(1));
            Assert.Equal(message, context.GetRefusal()?.Message);
            Assert.Equal(message is null ? null : "model", context.GetRefusal()?.Param);
            Assert.Equal(message is null, reservation is not null);
            reservation?.Settle(0);
        }

        Assert.Equal(message is null && isEnforced ? 1 : 0, _edge.Logs.Lines.Count(line => line.EventName == "UnpricedUse"));
    }

    [Fact]
    public async Task A_request_that_costs_nothing_needs_a_budget_that_is_not_used_up_and_reserves_nothing()
    {
        var caller = LedgerOfOneEdge.CallerWith(isEnforced: true, refuses: true, ("", 1));
        using (var files = await _edge.Ledger.TryReserveAsync(_edge.Context(), caller, "openai", null, usage: null))
        {
            Assert.Equal((0, true), ((await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt)).Edge!.Value.InFlight, files is not null));
        }

        (await _edge.ReserveAsync(caller, 1))!.Dispose();
        Assert.Null(await _edge.Ledger.TryReserveAsync(_edge.Context(), caller, "openai", null, usage: null));
    }

    [Fact]
    public async Task Accounts_of_a_past_month_are_removed_when_nothing_runs_in_them()
    {
        await _edge.Ledger.StartAsync(CancellationToken.None);
        var (november, caller) = (_edge.Month, LedgerOfOneEdge.CallerWith(("", 10)));
        var running = (await _edge.ReserveAsync(caller, 2))!;
        _edge.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotNull((await _edge.Ledger.ReadCountersAsync("p", november, "", LedgerOfOneEdge.SetAt)).Edge);

        (await _edge.ReserveAsync(caller, 1))!.Dispose();
        running.Dispose();
        _edge.Clock.Advance(TimeSpan.FromSeconds(4));
        Assert.NotNull((await _edge.Ledger.ReadCountersAsync("p", november, "", LedgerOfOneEdge.SetAt)).Edge);
        _edge.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await _edge.Ledger.ReadCountersAsync("p", november, "", LedgerOfOneEdge.SetAt)).Edge);
        Assert.NotNull((await _edge.Ledger.ReadCountersAsync("p", _edge.Month, "", LedgerOfOneEdge.SetAt)).Edge);
        await _edge.Ledger.RefreshAsync("p", november);

        // A stopped edge renews nothing, so December's account stays after its month.
        var december = _edge.Month;
        await _edge.Ledger.StopAsync(CancellationToken.None);
        _edge.Clock.Advance(TimeSpan.FromDays(31));
        Assert.NotNull((await _edge.Ledger.ReadCountersAsync("p", december, "", LedgerOfOneEdge.SetAt)).Edge);
    }
}
