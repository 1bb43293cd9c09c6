using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Budgets;

/// <summary>Only the edge that claims an alert in the database reports it.</summary>
public sealed class AlertClaimTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new();
    private EdgeOfBudgets _edge = null!;

    public async Task InitializeAsync() => _edge = await EdgeOfBudgets.StartAsync(clock: _clock);

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    [Fact]
    public async Task A_claim_is_tried_three_times_at_growing_intervals()
    {
        _edge.Database.Outages.Enqueue(true);
        _edge.Database.Outages.Enqueue(true);
        var begun = _clock.GetUtcNow();
        await SpendAsync(5);
        await UntilAsync(() => Lines("BudgetThresholdReached").Count == 1);
        Assert.True(_clock.GetUtcNow() - begun >= TimeSpan.FromSeconds(2.4));
        Assert.Empty(Lines("BudgetAlertNotClaimed"));

        // The budget has no webhook, so nothing was sent.
        await UntilNotedAsync();
        var noted = Assert.Single(await _edge.Deliveries.ListAsync("p", "", CancellationToken.None));
        Assert.Equal((50, 0, 5m, 10m, "2026-11"), (noted.Threshold, noted.Attempts, noted.SpendUsd, noted.BudgetUsd, noted.Month));
    }

    [Fact]
    public async Task An_alert_that_cannot_be_claimed_is_not_reported_and_the_log_says_so()
    {
        for (var i = 0; i < 3; i++)
        {
            _edge.Database.Outages.Enqueue(true);
        }

        await SpendAsync(5);
        await UntilAsync(() => Lines("BudgetAlertNotClaimed").Count > 0);
        var line = Assert.Single(Lines("BudgetAlertNotClaimed"));
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.StartsWith("Project p: the alert for 50 % of a budget is not sent", line.Text, StringComparison.Ordinal);
        Assert.Contains("The database is away.", line.Text, StringComparison.Ordinal);
        Assert.Empty(_edge.Database.Outages);

        await SpendAsync(3);
        await UntilNotedAsync();
        Assert.Contains(": 80 % of the budget are spent, 8 of 10 USD in 2026-11.", Assert.Single(Lines("BudgetThresholdReached")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_that_another_edge_claims_at_the_same_moment_is_left_to_that_edge()
    {
        var (opened, saves) = (_edge.Database.Opened, _edge.Database.Saves);
        _edge.Database.InterruptNextSave(() =>
        {
            using var database = _edge.Database.CreateDbContext();
            database.BudgetAlerts.Add(new BudgetAlertRecord { ProjectId = "p", KeyId = "", Month = "2026-11", Threshold = 50 });
            database.SaveChanges();
        });
        await SpendAsync(5);
        await UntilAsync(() => _edge.Database.Opened >= opened + 3);

        await SpendAsync(3);
        await UntilNotedAsync();
        Assert.Contains(": 80 %", Assert.Single(Lines("BudgetThresholdReached")).Text, StringComparison.Ordinal);
        Assert.Empty(Lines("BudgetAlertNotClaimed"));

        // The failed claim, that of the other edge, the claim of the second alert and its result: the second try of the first alert did not write.
        Assert.Equal(4, _edge.Database.Saves - saves);
    }

    private async Task SpendAsync(decimal usd) => _edge.End(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10, alerts: [50, 80]), usd), usd);

    private List<LogRecorder.LogLine> Lines(string name) => [.. _edge.Logs.Lines.Where(line => line.EventName == name)];

    private Task UntilNotedAsync() => Eventually.IsTrueAsync(async () => (await _edge.Deliveries.ListAsync("p", "", CancellationToken.None)).Count == 1);

    private Task UntilAsync(Func<bool> condition) => Eventually.IsTrueAsync(() =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });
}
