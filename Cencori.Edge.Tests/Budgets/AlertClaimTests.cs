using Cencori.Edge.Budgets;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
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
        Break(times: 2);
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
    public async Task An_alert_that_cannot_be_claimed_is_reported_when_the_database_is_back_and_the_log_says_once_that_it_is_late()
    {
        Break(times: 6);
        var begun = _clock.GetUtcNow();
        await SpendAsync(5);
        await UntilAsync(() => Lines("BudgetAlertNotClaimed").Count > 0);
        var line = Assert.Single(Lines("BudgetAlertNotClaimed"));
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.StartsWith("Project p: the alert for 50 % of a budget is late", line.Text, StringComparison.Ordinal);
        Assert.Contains("The database is away.", line.Text, StringComparison.Ordinal);
        Assert.Empty(Lines("BudgetThresholdReached"));

        await UntilAsync(() => Lines("BudgetThresholdReached").Count > 0, BudgetAlerts.OutageRetryInterval / 10);
        Assert.True(_clock.GetUtcNow() - begun >= 4 * BudgetAlerts.OutageRetryInterval);
        await UntilNotedAsync();
        Assert.Contains(": 50 % of the budget are spent, 5 of 10 USD in 2026-11.", Assert.Single(Lines("BudgetThresholdReached")).Text, StringComparison.Ordinal);
        Assert.Single(Lines("BudgetAlertNotClaimed"));
        Assert.Empty(_edge.Database.Outages);
    }

    /// <summary>No request brings the change to this edge before its next attempt.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_alert_whose_budget_is_replaced_or_deleted_during_the_outage_is_not_reported(bool isReplaced)
    {
        Break(times: 4);
        await SpendAsync(5);
        await UntilAsync(() => Lines("BudgetAlertNotClaimed").Count > 0);
        if (isReplaced)
        {
            await _edge.StoreAsync(EdgeOfBudgets.BudgetOf(100, version: 2), "");
        }
        else
        {
            await using var database = _edge.Database.Open();
            await database.Projects.ExecuteDeleteAsync();
        }

        await UntilAsync(() => !_edge.Alerts.AreRunning, BudgetAlerts.OutageRetryInterval / 10);
        Assert.Empty(Lines("BudgetThresholdReached"));
        Assert.Empty(_edge.Database.Outages);
        await using var after = _edge.Database.Open();
        Assert.False(await after.BudgetAlerts.AnyAsync());
    }

    [Fact]
    public async Task A_stop_ends_the_attempts_and_another_edge_can_claim_the_alert()
    {
        Break(times: 3);
        await SpendAsync(5);
        await UntilAsync(() => Lines("BudgetAlertNotClaimed").Count > 0);
        Assert.True(_edge.Alerts.AreRunning);

        // The clock stands still from here.
        _edge.Alerts.Stop();
        await Eventually.IsTrueAsync(() => !_edge.Alerts.AreRunning);
        Assert.Empty(Lines("BudgetThresholdReached"));
        await using var database = _edge.Database.CreateDbContext();
        Assert.False(await database.BudgetAlerts.AnyAsync());
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

    private void Break(int times)
    {
        for (var i = 0; i < times; i++)
        {
            _edge.Database.Outages.Enqueue(true);
        }
    }

    private async Task SpendAsync(decimal usd) => _edge.End(await _edge.TryReserveAsync(EdgeOfBudgets.BudgetOf(10, alerts: [50, 80]), usd), usd);

    private List<LogRecorder.LogLine> Lines(string name) => [.. _edge.Logs.Lines.Where(line => line.EventName == name)];

    private Task UntilNotedAsync() => Eventually.IsTrueAsync(async () => (await _edge.Deliveries.ListAsync("p", "", CancellationToken.None)).Count == 1);

    private Task UntilAsync(Func<bool> condition, TimeSpan? step = null) => Eventually.IsTrueAsync(() =>
    {
        _clock.Advance(step ?? TimeSpan.FromMilliseconds(100));
        return condition();
    });
}
