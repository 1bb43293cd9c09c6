using System.Globalization;
using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>What an edge with Redis does for its budgets when it starts and when it stops. One output token costs one dollar.</summary>
public sealed class LedgerStartAndStopTests(StalledRedis stalled) : IClassFixture<StalledRedis>
{
    [RedisFact]
    public async Task A_start_makes_its_calls_and_leaves_nothing_counted_or_reserved()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await ConnectAsync(redis);
        await using var edge = new LedgerOfOneEdge(connection);
        await edge.Ledger.StartAsync(CancellationToken.None);

        var stats = ((string?)await redis.ExecuteAsync("INFO", "commandstats"))!;
        var calls = stats.Split('\n').Where(line => line.StartsWith("cmdstat_eval", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split('=', ',')[1], CultureInfo.InvariantCulture));
        Assert.True(calls > BudgetLedger.WarmUps, stats);
        await Eventually.IsTrueAsync(async () => await SharedOf(edge).ReadAsync("start", new BillingMonth(1, 1), "") == new SpendCounter(new(0, 0), 0));
    }

    [RedisFact]
    public async Task A_start_waits_two_seconds_for_a_Redis_that_does_not_respond_and_continues_without_it()
    {
        await using var edge = new LedgerOfOneEdge(stalled.Connection);
        var begun = edge.Clock.GetUtcNow();
        await EndsAsync(edge, edge.Ledger.StartAsync(CancellationToken.None));
        Assert.True(edge.Clock.GetUtcNow() - begun >= TimeSpan.FromSeconds(2));
        Assert.False(edge.Ledger.IsRedisAvailable);

        edge.Records.Spent = 5;
        var reading = edge.Ledger.SpentAsync("p", null);
        await EndsAsync(edge, reading);
        Assert.Equal(5, await reading);
    }

    [RedisFact]
    public async Task A_stop_reports_spend_that_Redis_has_missed()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await ConnectAsync(redis);
        await using var edge = new LedgerOfOneEdge(connection);
        var reservation = (await edge.ReserveAsync(LedgerOfOneEdge.CallerWith(("", 10)), 4))!;
        var availability = edge.Services.GetRequiredService<RedisAvailability>();
        availability.MarkUnavailable(new TimeoutException(), "p");
        reservation.Settle(3);
        reservation.Dispose();
        availability.Restore();

        // The clock stands still, so the stop ends only when everything is reported.
        var stopping = edge.Ledger.StopAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(() => stopping.IsCompleted);
        await stopping;
        Assert.Equal(new SpendCounter(new(3, 0), 0), await SharedOf(edge).ReadAsync("p", edge.Month, ""));
    }

    [RedisFact]
    public async Task A_stop_waits_two_seconds_for_running_requests_and_not_at_all_when_it_is_cancelled()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await ConnectAsync(redis);
        await using var edge = new LedgerOfOneEdge(connection);
        using var running = await edge.ReserveAsync(LedgerOfOneEdge.CallerWith(("", 10)), 4);
        Assert.True(edge.Ledger.StopAsync(new CancellationToken(canceled: true)).IsCompletedSuccessfully);

        var begun = edge.Clock.GetUtcNow();
        await EndsAsync(edge, edge.Ledger.StopAsync(CancellationToken.None));
        Assert.True(edge.Clock.GetUtcNow() - begun >= TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stop_waits_for_an_alert_that_is_being_sent_but_not_longer_than_two_seconds(bool responds)
    {
        await using var receiver = new ScriptedProvider();
        var mayRespond = new TaskCompletionSource();
        receiver.Respond(async (_, response) =>
        {
            await response.HoldAsync(mayRespond.Task);
            await response.JsonAsync(200, "{}");
        });
        await using var place = await EdgeOfBudgets.StartAsync();
        await using var edge = new LedgerOfOneEdge(alerts: place.Alerts);
        place.End(await place.TryReserveAsync(EdgeOfBudgets.BudgetOf(10, alerts: [50], url: receiver.Address.ToString()), 5), 5);
        await receiver.NextRequestAsync();

        var stopping = edge.Ledger.StopAsync(CancellationToken.None);
        edge.Clock.Advance(TimeSpan.FromSeconds(1.9));
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(100), "A stop that does not wait ends within this time.");
        Assert.False(stopping.IsCompleted);
        if (responds)
        {
            mayRespond.SetResult();
        }
        else
        {
            edge.Clock.Advance(TimeSpan.FromSeconds(0.1));
        }

        await Eventually.IsTrueAsync(() => stopping.IsCompleted);
        Assert.Equal(responds ? [(int?)200] : [], from delivery in await place.Deliveries.ListAsync("p", "", CancellationToken.None) select delivery.Status);
        mayRespond.TrySetResult();
        await Eventually.IsTrueAsync(() => !place.Alerts.AreRunning);
    }

    private static SharedSpend SharedOf(LedgerOfOneEdge edge) => edge.Services.GetRequiredService<SharedSpend>();

    private static async Task<RedisConnection> ConnectAsync(RedisServer redis)
    {
        var options = RedisConnection.Parse(redis.Configuration);

        // No call fails because the machine is busy.
        options.AsyncTimeout = (int)Eventually.Timeout.TotalMilliseconds;
        var connection = new RedisConnection(options);
        await connection.StartAsync(CancellationToken.None);
        return connection;
    }

    private static async Task EndsAsync(LedgerOfOneEdge edge, Task task)
    {
        await Eventually.IsTrueAsync(() =>
        {
            edge.Clock.Advance(TimeSpan.FromMilliseconds(100));
            return task.IsCompleted;
        });
        await task;
    }
}
