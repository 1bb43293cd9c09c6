using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>What the hash of a budget in Redis says about each edge.</summary>
public sealed class SharedSpendTests(SharedRedis redis) : IClassFixture<SharedRedis>
{
    private static readonly BillingMonth Month = new(2026, 11);

    private readonly string _project = $"prj_{Guid.NewGuid():N}";

    [RedisFact]
    public async Task The_spend_and_the_reservations_of_all_edges_can_be_read()
    {
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration, _project);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration, _project);
        var budget = EdgeOfBudgets.BudgetOf(20);
        var shared = new SharedSpend(a.Limiter.Connection, a.Limiter.Availability, a.Limiter.Deadline);
        Assert.Null(await shared.ReadAsync(_project, Month, ""));

        Assert.NotNull(await a.TryReserveAsync(budget, 2));
        a.Account.End((await a.TryReserveAsync(budget, 0))!, 5_000_000_000, released: 1_000_000_000);
        Assert.NotNull(await b.TryReserveAsync(budget, 3));
        await Eventually.IsTrueAsync(async () => await shared.ReadAsync(_project, Month, "") == new SpendCounter(new(5, 1), 5_000_000_000));
        Assert.Null(await shared.ReadAsync(_project, Month, "key_1"));
        Assert.Null(await shared.ReadAsync(_project, new BillingMonth(2026, 12), ""));

        // An edge that has not asked since then learns it for display, too.
        Assert.NotNull(await b.TryReserveAsync(budget, 0));
        a.End(await a.TryReserveAsync(budget, 1), 1);
        await Eventually.IsTrueAsync(async () =>
        {
            await b.Account.RefreshAsync();
            return b.Spent() == 5;
        });
    }

    [RedisFact]
    public async Task A_renewal_keeps_the_reservations_of_running_requests()
    {
        await using var edge = await EdgeOfBudgets.StartAsync(redis.Configuration, _project);
        var running = await edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(20), 2);
        var (reserved, heard) = await ToldAsync();
        Assert.Equal(2_000_000_000, reserved);

        edge.Account.Renew();
        await Eventually.IsTrueAsync(async () => (await ToldAsync()) is (2_000_000_000, var again) && again > heard);
        edge.End(running, 0);
        await Eventually.IsTrueAsync(async () => (await ToldAsync()).Reserved == 0);

        // The edge's reservation in nanodollars, and when it last called.
        async Task<(long Reserved, long Heard)> ToldAsync()
        {
            var fields = await edge.Limiter.Connection.Database.HashGetAllAsync(SharedSpend.KeyOf(_project, Month, ""));
            var parts = fields.Single(field => ((string)field.Name!).StartsWith("edge:", StringComparison.Ordinal)).Value.ToString().Split(' ');
            return (long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture), long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
