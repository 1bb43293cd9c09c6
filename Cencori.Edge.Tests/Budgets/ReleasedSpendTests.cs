using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>Reservations for ended work do not count any more, on any edge.</summary>
public sealed class ReleasedSpendTests
{
    [RedisFact]
    public async Task Released_spend_does_not_come_back_from_another_edges_memory()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration);
        var budget = EdgeOfBudgets.BudgetOf(10);
        a.End(await a.TryReserveAsync(budget, 3), 3);
        await Eventually.IsTrueAsync(a.Account.IsIdle);
        Assert.NotNull(await b.TryReserveAsync(budget, 0));
        Assert.Equal(3, b.Spent());

        // Edge a saw the end of the work, which cost 0.1.
        a.Account.End((await a.TryReserveAsync(budget, 0))!, 100_000_000, released: 3_000_000_000);
        await Eventually.IsTrueAsync(a.Account.IsIdle);
        (a.Records.Spent, b.Records.Spent, a.Records.Released, b.Records.Released) = (3.1m, 3.1m, 3, 3);

        // The budget is set again, so that all edges read the records again.
        Assert.NotNull(await b.TryReserveAsync(EdgeOfBudgets.BudgetOf(10, version: 2), 0));
        Assert.Equal(0.1m, b.Spent());
    }
}
