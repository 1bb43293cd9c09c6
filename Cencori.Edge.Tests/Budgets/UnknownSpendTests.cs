using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>An enforced budget whose spend is unknown refuses every request.</summary>
public sealed class UnknownSpendTests
{
    [RedisFact]
    public async Task A_budget_refuses_if_neither_Redis_nor_the_records_know_its_spend()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var edge = await EdgeOfBudgets.StartAsync(redis.Configuration);
        edge.Records.IsAway = true;
        var (request, refusedBy) = await edge.Account.ReserveAsync(EdgeOfBudgets.BudgetOf(10), null, "k", 1);
        Assert.Equal((null, true), (request, refusedBy is { IsUnknown: true }));
        Assert.Null(await edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 0));

        // A budget that only sends alerts still admits requests. The enforced budget admits requests again when its spend is known.
        Assert.NotNull(await edge.TryReserveAsync(null, 1, EdgeOfBudgets.BudgetOf(10, isEnforced: false)));
        (edge.Records.IsAway, edge.Records.Spent) = (false, 9);
        edge.Account.Renew();
        await Eventually.IsTrueAsync(async () => await edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 0.5m) is not null);
        Assert.Null(await edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 0.6m));
    }

    [RedisFact]
    public async Task A_budget_whose_spend_only_Redis_knows_continues()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await EdgeOfBudgets.StartAsync(redis.Configuration);
        await using var second = await EdgeOfBudgets.StartAsync(redis.Configuration);
        first.End(await first.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 7), 7);
        await Eventually.IsTrueAsync(first.Account.IsIdle);

        second.Records.IsAway = true;
        Assert.Null(await second.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 4));
        Assert.Equal(7, second.Spent());
        second.End(await second.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 2), 2);
        await Eventually.IsTrueAsync(second.Account.IsIdle);
        Assert.Null(await first.TryReserveAsync(EdgeOfBudgets.BudgetOf(10), 2));
        Assert.Equal(9, first.Spent());
    }
}
