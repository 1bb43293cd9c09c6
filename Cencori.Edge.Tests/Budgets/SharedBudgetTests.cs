using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>Budgets of two edges that share one Redis.</summary>
public sealed class SharedBudgetTests
{
    [RedisFact]
    public async Task Two_edges_together_admit_what_one_budget_holds()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration);
        var budget = EdgeOfBudgets.BudgetOf(10);

        var requests = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            var edge = i % 2 == 0 ? a : b;
            return (Edge: edge, Request: await edge.TryReserveAsync(budget, 0.3m));
        })));
        var admitted = requests.Where(request => request.Request is not null).ToList();
        Assert.Equal(33, admitted.Count);

        admitted.ForEach(request => request.Edge.End(request.Request, 0.1m));
        await Eventually.IsTrueAsync(async () => await b.TryReserveAsync(budget, 6.7m) is not null);
        Assert.Equal(3.3m, b.Spent());
        Assert.Null(await a.TryReserveAsync(budget, 0.1m));
    }

    [RedisFact]
    public async Task A_project_budget_and_a_key_budget_are_decided_together()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration);
        var (ofProject, ofKey) = (EdgeOfBudgets.BudgetOf(10), EdgeOfBudgets.BudgetOf(2));

        Assert.Null(await a.TryReserveAsync(ofProject, 3, ofKey));
        Assert.NotNull(await a.TryReserveAsync(ofProject, 2, ofKey));
        Assert.Null(await b.TryReserveAsync(ofProject, 1, ofKey));
        Assert.NotNull(await b.TryReserveAsync(ofProject, 8));
        Assert.Null(await a.TryReserveAsync(ofProject, 1));
    }

    [RedisFact]
    public async Task A_Redis_that_lost_its_data_gets_it_again_from_the_edges_and_the_records()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration);
        var budget = EdgeOfBudgets.BudgetOf(10);
        a.End(await a.TryReserveAsync(budget, 3), 3);
        await Eventually.IsTrueAsync(a.Account.IsIdle);
        Assert.NotNull(await b.TryReserveAsync(budget, 0));
        Assert.Equal(3, b.Spent());

        await redis.ExecuteAsync("FLUSHALL");
        Assert.Null(await b.TryReserveAsync(budget, 7.1m));
        Assert.Equal(3, b.Spent());

        await redis.ExecuteAsync("FLUSHALL");
        a.Records.Spent = 9;
        Assert.Null(await a.TryReserveAsync(budget, 2));
        Assert.Equal(9, a.Spent());
        Assert.Null(await b.TryReserveAsync(budget, 2));
        Assert.Equal(9, b.Spent());
    }

    [RedisFact]
    public async Task Without_Redis_an_edge_continues_from_its_memory_and_reports_its_spend_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration);
        var budget = EdgeOfBudgets.BudgetOf(10);
        a.End(await a.TryReserveAsync(budget, 4), 4);
        Assert.NotNull(await a.TryReserveAsync(budget, 0));

        a.Limiter.Availability.MarkUnavailable(new TimeoutException(), "p");
        a.End(await a.TryReserveAsync(budget, 5), 5);
        Assert.Null(await a.TryReserveAsync(budget, 2));

        await Eventually.IsTrueAsync(() => a.Limiter.Availability.IsAvailable);
        a.Account.Renew();
        await Eventually.IsTrueAsync(async () => await b.TryReserveAsync(budget, 0) is not null && b.Spent() == 9);
    }

    [RedisFact]
    public async Task Nothing_is_counted_twice_however_often_it_is_reported()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await EdgeOfBudgets.StartAsync(redis.Configuration);
        var budget = EdgeOfBudgets.BudgetOf(10);
        for (var i = 0; i < 20; i++)
        {
            a.End(await a.TryReserveAsync(budget, 0.5m), 0.25m);
            a.Account.Renew();
        }

        await Eventually.IsTrueAsync(a.Account.IsIdle);
        await using var b = await EdgeOfBudgets.StartAsync(redis.Configuration);
        Assert.NotNull(await b.TryReserveAsync(budget, 5));
        Assert.Equal(5, b.Spent());
    }
}
