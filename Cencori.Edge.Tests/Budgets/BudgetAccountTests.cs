using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>What a budget admits on a single edge.</summary>
public sealed class BudgetAccountTests : IAsyncLifetime
{
    private EdgeOfBudgets _edge = null!;

    public async Task InitializeAsync() => _edge = await EdgeOfBudgets.StartAsync();

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    [Fact]
    public async Task The_cap_may_be_reached_exactly_but_not_exceeded()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        for (var i = 0; i < 10; i++)
        {
            _edge.End(await _edge.TryReserveAsync(budget, 1), 1);
        }

        Assert.Equal(10, _edge.Spent());
        Assert.Null(await _edge.TryReserveAsync(budget, 0.000000001m));
        Assert.Null(await _edge.TryReserveAsync(budget, 0));
    }

    [Fact]
    public async Task Running_requests_count_by_their_reservation_and_ended_ones_by_their_cost()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        var first = await _edge.TryReserveAsync(budget, 8);
        Assert.Null(await _edge.TryReserveAsync(budget, 3));

        _edge.End(first, 1);
        var second = await _edge.TryReserveAsync(budget, 9);
        Assert.NotNull(second);
        Assert.Null(await _edge.TryReserveAsync(budget, 1));
        _edge.End(second, 0);
        Assert.Equal(1, _edge.Spent());
    }

    [Fact]
    public async Task A_hundred_concurrent_requests_cannot_reserve_more_than_the_budget()
    {
        var requests = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 0.3m))));

        Assert.Equal(33, requests.Count(request => request is not null));
    }

    [Fact]
    public async Task Either_both_budgets_admit_or_neither_pays()
    {
        var (ofProject, ofKey) = (EdgeOfBudgets.BudgetOf(10), EdgeOfBudgets.BudgetOf(2));
        Assert.Null(await _edge.TryReserveAsync(ofProject, 3, ofKey));
        Assert.NotNull(await _edge.TryReserveAsync(ofProject, 10));

        var other = EdgeOfBudgets.BudgetOf(2);
        Assert.Null(await _edge.TryReserveAsync(ofProject, 1, other, "other"));
        Assert.NotNull(await _edge.TryReserveAsync(null, 2, other, "other"));
    }

    [Fact]
    public async Task The_spend_of_a_project_is_read_for_all_keys_and_that_of_a_key_for_this_key_alone()
    {
        Assert.NotNull(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 1, EdgeOfBudgets.BudgetOf(10), "key_1"));
        var (from, until) = (new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal([("p", null, from, until), ("p", "key_1", from, until)], _edge.Records.Reads);
    }

    [Fact]
    public async Task A_budget_that_is_not_enforced_admits_everything()
    {
        var budget = EdgeOfBudgets.BudgetOf(1, isEnforced: false);
        _edge.End(await _edge.TryReserveAsync(budget, 5), 5);
        _edge.End(await _edge.TryReserveAsync(budget, 5), 5);

        Assert.Equal(10, _edge.Spent());
    }

    [Fact]
    public async Task The_records_contain_spend_from_before_this_process_and_before_the_budget()
    {
        _edge.Records.Spent = 7;
        Assert.Null(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 4));
        _edge.End(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 3), 1);
        Assert.Equal(8, _edge.Spent());

        _edge.Records.Spent = 9.5m;
        Assert.NotNull(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10, version: 2), 0.5m));
        Assert.Equal(9.5m, _edge.Spent());
    }

    [Fact]
    public async Task A_request_that_brings_an_older_setting_is_limited_by_the_newer_one()
    {
        Assert.NotNull(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(5, version: 2), 4));
        Assert.Null(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 2));
        Assert.Single(_edge.Records.Reads);
    }

    [Fact]
    public async Task Spend_that_is_recorded_late_is_read_soon_after()
    {
        _edge.End(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 1), 1);
        _edge.Records.Spent = 4;
        Assert.NotNull(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 0));
        Assert.Equal(1, _edge.Spent());

        _edge.Account.Renew();
        await Eventually.IsTrueAsync(() => _edge.Spent() == 4);
    }
}
