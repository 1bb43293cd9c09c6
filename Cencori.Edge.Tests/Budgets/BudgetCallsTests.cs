using System.Diagnostics.Metrics;
using Cencori.Edge.Budgets;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>What the budgets of one project send to Redis, and how they process its replies, which the test provides.</summary>
public sealed class BudgetCallsTests : IClassFixture<StalledRedis>, IDisposable
{
    private const long Usd = 1_000_000_000;

    private static readonly BillingMonth Month = new(2026, 11);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly EdgeOfBudgets.History _records = new();
    private readonly RedisAvailability _availability;
    private readonly BudgetAccount _account;

    public BudgetCallsTests(StalledRedis redis)
    {
        var connection = redis.Connection ?? new RedisConnection(RedisConnection.Parse("localhost:1"));
        _availability = new RedisAvailability(connection, "a setting", _services.GetRequiredService<IMeterFactory>(), _clock, NullLogger<RedisAvailability>.Instance);
        var shared = new SharedSpend(connection, _availability, new RedisDeadline(TimeSpan.FromSeconds(1), _clock));

        // No budget in this test has a threshold.
        var alerts = new BudgetAlerts(null!, null!, null!, _clock, NullLogger<BudgetAlerts>.Instance);
        _account = new BudgetAccount("p", Month, new SpendRecords(_records, _clock, NullLogger<SpendRecords>.Instance), shared, alerts);
    }

    private IRedisParticipant<SpendCall> Participant => _account;

    public void Dispose() => _services.Dispose();

    [RedisFact]
    public async Task Requests_that_arrive_during_a_call_share_the_next_one_up_to_its_limit()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        await KnowAsync(budget);
        for (var i = 0; i <= SpendCall.MaxRequests + 2; i++)
        {
            _ = ReserveAsync(budget, 1);
        }

        Assert.Equal([SpendCall.MaxRequests, 2], new[] { Participant.NextCall()!, Participant.NextCall()! }.Select(call => call.Requests.Count));
    }

    [RedisFact]
    public async Task A_call_has_as_many_budgets_as_bits_and_also_reports_changes_of_others()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        var keys = Enumerable.Range(0, 40).Select(number => $"key_{number}").ToList();
        foreach (var key in keys)
        {
            await KnowAsync(budget, budget, key);
        }

        _ = ReserveAsync(budget, 1);
        foreach (var key in keys)
        {
            _ = ReserveAsync(budget, 1, budget, key);
        }

        var (first, second) = (Participant.NextCall()!, Participant.NextCall()!);
        Assert.Equal((28, SpendCall.MaxScopes), (first.Requests.Count, first.Keys("p", Month).Length));
        Assert.Equal((12, SpendCall.MaxScopes), (second.Requests.Count, second.Keys("p", Month).Length));
        Assert.Equal(SpendCall.MaxScopes, second.Keys("p", Month).Distinct().Count());
    }

    [RedisFact]
    public async Task A_budget_that_Redis_has_lost_is_read_and_the_same_requests_are_sent_again()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        await KnowAsync(budget);
        _ = ReserveAsync(budget, 1);

        // These reads were scheduled by the first one. The next would be due only later.
        await RenewAsync(reads: 1);
        await RenewAsync(reads: 2);
        var (asking, call) = (ReserveAsync(budget, 5), Participant.NextCall()!);
        _records.Spent = 4;
        await Participant.Take(call, [0, 1], 0)!;

        var again = Participant.NextCall()!;
        Assert.Equal(call.Requests, again.Requests);
        Assert.Equal(4 * Usd, (long)again.Arguments[1]);
        Assert.Null(Participant.Take(again, [1, 7, 4 * Usd, 0, 0], 0));
        var (request, refusedBy) = await asking;
        Assert.Equal((5, null), (request!.Amount, refusedBy));
        Assert.Equal(new SpendCounter(new(4, 0), 5), _account.KnownSpend("", budget.SetAt, out _));

        // The records may lag, so they are read again soon.
        _records.Spent = 6;
        _account.Renew();
        await Eventually.IsTrueAsync(() => _account.Spent("") == 6 * Usd);
    }

    [RedisFact]
    public async Task A_budget_of_unknown_spend_refuses_and_the_other_requests_are_sent_again()
    {
        var (known, unknown) = (EdgeOfBudgets.BudgetOf(10), EdgeOfBudgets.BudgetOf(10));
        await KnowAsync(null, known, "known");
        _records.IsAway = true;
        Assert.NotNull((await KnowAsync(null, unknown, "unknown")).RefusedBy);
        _ = ReserveAsync(null, 1, known, "known");
        var (refused, waiting) = (ReserveAsync(null, 1, unknown, "unknown"), ReserveAsync(null, 2, known, "known"));
        var call = Participant.NextCall()!;
        Assert.Null(Participant.Take(call, [0, 1], 0));

        var (request, refusedBy) = await refused;
        Assert.Equal((null, "unknown"), (request, refusedBy!.KeyId));
        Assert.False(waiting.IsCompleted);
        var next = Participant.NextCall()!;
        Assert.Equal([2], next.Requests.Select(one => one.Amount));
        Assert.Equal("cencori:{p}:budget:2026-11:known", Assert.Single(next.Keys("p", Month)).ToString());

        refused = ReserveAsync(null, 1, unknown, "unknown");
        Participant.DecideWaitingLocally();
        (request, refusedBy) = await refused;
        Assert.Equal((null, "unknown"), (request, refusedBy!.KeyId));
    }

    [RedisFact]
    public async Task A_budget_that_only_alerts_takes_part_once_its_spend_is_known()
    {
        var (enforced, alerting) = (EdgeOfBudgets.BudgetOf(10), EdgeOfBudgets.BudgetOf(10, isEnforced: false));
        await KnowAsync(null, enforced);
        _records.IsAway = true;
        Assert.Null((await KnowAsync(alerting, enforced)).RefusedBy);
        Assert.Null((await _account.ReserveAsync(alerting, null, "k", 1)).RefusedBy);
        _ = ReserveAsync(alerting, 1, enforced);
        _ = ReserveAsync(alerting, 1, enforced);
        Assert.Equal("cencori:{p}:budget:2026-11:k", Assert.Single(Participant.NextCall()!.Keys("p", Month)).ToString());

        _records.IsAway = false;
        await RenewAsync(reads: 3);
        _ = ReserveAsync(alerting, 1, enforced);
        Assert.Equal(2, Participant.NextCall()!.Keys("p", Month).Length);
    }

    [RedisFact]
    public async Task Requests_of_a_lost_call_and_waiting_ones_are_decided_locally()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        await KnowAsync(budget);
        _ = ReserveAsync(budget, 1);
        var lost = ReserveAsync(budget, 6 * Usd);
        var call = Participant.NextCall()!;
        var (waiting, refused) = (ReserveAsync(budget, 4 * Usd), ReserveAsync(budget, 1));
        Participant.Abandon(call);
        Assert.Null((await lost).RefusedBy);
        Assert.False(waiting.IsCompleted);
        Participant.DecideWaitingLocally();
        Assert.Null((await waiting).RefusedBy);
        Assert.NotNull((await refused).RefusedBy);

        // No request waits any more. The new reservations must still be reported.
        var next = Participant.NextCall()!;
        Assert.Empty(next.Requests);
        Assert.Equal(10 * Usd, (long)next.Arguments[7]);
    }

    [RedisFact]
    public async Task Requests_to_be_sent_again_are_decided_locally_when_Redis_is_lost()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        await KnowAsync(budget);
        _ = ReserveAsync(budget, 1);
        var asking = ReserveAsync(budget, 5);
        await Participant.Take(Participant.NextCall()!, [0, 1], 0)!;
        Participant.DecideWaitingLocally();
        Assert.Null((await asking).RefusedBy);
        Assert.Empty(Participant.NextCall()!.Requests);

        asking = ReserveAsync(budget, 5);
        var call = Participant.NextCall()!;
        await Participant.Take(call, [0, 1], 0)!;
        Participant.Abandon(call);
        Assert.Null((await asking).RefusedBy);
        Assert.Empty(Participant.NextCall()!.Requests);
    }

    [RedisFact]
    public async Task Running_requests_are_reported_at_each_renewal_and_ended_ones_are_not()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        Assert.True(_account.IsIdle());
        await KnowAsync(budget);
        Assert.False(_account.IsIdle());
        _ = ReserveAsync(budget, 0);
        var (asking, free) = (ReserveAsync(budget, 5), ReserveAsync(budget, 4));
        Assert.Null(Participant.Take(Participant.NextCall()!, [1, 7, 0, 0, 0, 0], 0));
        Assert.Null(Participant.NextCall());
        await RenewAsync(reads: 1);
        Assert.Equal(9, (long)Participant.NextCall()!.Arguments[7]);

        _account.End((await asking).Request!, 3);
        await RenewAsync(reads: 2);
        var ended = Participant.NextCall()!;
        Assert.Equal((3, 4), ((long)ended.Arguments[3], (long)ended.Arguments[7]));
        Assert.Null(Participant.Take(ended, [1, 7, 2 * Usd, 0], 0));

        // The end of a request that cost nothing is reported, too.
        _account.End((await free).Request!, 0);
        _account.Renew();
        Assert.Null(Participant.Take(Participant.NextCall()!, [1, 7, 2 * Usd, 0], 0));
        Assert.Null(Participant.NextCall());
    }

    [RedisFact]
    public async Task A_refresh_reads_every_budget_and_ends_nothing()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        await KnowAsync(budget, budget, "k");
        _availability.MarkUnavailable(new TimeoutException(), "p");
        await _account.RefreshAsync();
        _availability.Restore();

        _ = ReserveAsync(budget, 1);
        var refreshing = _account.RefreshAsync();
        var call = Participant.NextCall()!;
        Assert.Equal([0, 0], call.Requests.Select(request => request.Amount));
        Assert.False(refreshing.IsCompleted);
        Assert.Null(Participant.Take(call, [1, 7, 2 * Usd, 0, 8, Usd, 0, 0, 0], 0));
        await refreshing;
        Assert.Equal((2 * Usd, Usd, null), (_account.Spent(""), _account.Spent("k"), _account.Spent("another")));
    }

    [RedisFact]
    public async Task The_held_spend_belongs_to_the_latest_setting_of_the_budget()
    {
        var budget = EdgeOfBudgets.BudgetOf(10);
        Assert.Equal((null, false), Held(""));
        _records.Spent = 4;
        await KnowAsync(budget);
        Assert.Equal((new SpendCounter(new(4, 0), 0), false), Held(""));
        Assert.Equal((null, true), Held("", ofLater: 1));

        _records.IsAway = true;
        await KnowAsync(null, budget, "k");
        Assert.Equal((null, false), Held("k"));

        (SpendCounter? Spend, bool IsOutdated) Held(string key, int ofLater = 0) => (_account.KnownSpend(key, budget.SetAt.AddSeconds(ofLater), out var isOutdated), isOutdated);
    }

    // Reads the records, so that a later request calls Redis at once.
    private async Task<(BudgetRequest? Request, BudgetScope? RefusedBy)> KnowAsync(Budget? ofProject, Budget? ofKey = null, string key = "k")
    {
        _availability.MarkUnavailable(new TimeoutException(), "p");
        var known = await _account.ReserveAsync(ofProject, ofKey, key, 0);
        _availability.Restore();
        return known;
    }

    private async Task RenewAsync(int reads)
    {
        _records.Spent = reads;
        await Eventually.IsTrueAsync(() =>
        {
            var isRead = _account.Sums("")!.Value.Counted >= reads;
            if (!isRead)
            {
                // Does nothing while a read is still running.
                _account.Renew();
            }

            return isRead;
        });
    }

    private Task<(BudgetRequest? Request, BudgetScope? RefusedBy)> ReserveAsync(Budget? ofProject, long amount, Budget? ofKey = null, string key = "k") =>
        _account.ReserveAsync(ofProject, ofKey, key, amount).AsTask();
}
