using Cencori.Edge.Egress;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Budgets;

/// <summary>
/// Reports that a budget's spend has reached a threshold: in the log, and to the webhook of the budget. Each threshold is reported once per month,
/// by the edge that first records the alert in the database.
/// </summary>
internal sealed partial class BudgetAlerts(IDbContextFactory<EdgeDbContext> contexts, SignedWebhook webhook, AlertDeliveries deliveries, TimeProvider time, ILogger<BudgetAlerts> logger) : IDisposable
{
    /// <summary>How often the edge tries to claim an alert while the database is unavailable.</summary>
    internal static readonly TimeSpan OutageRetryInterval = TimeSpan.FromSeconds(30);

    private const int QuickTries = 3;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    // Never disposed, because alerts may still run then. It has no timer and no wait handle, so nothing is left behind.
    private readonly CancellationTokenSource _stopping = new();
    private int _running;

    /// <summary>Whether an alert is being claimed or sent.</summary>
    public bool AreRunning => Volatile.Read(ref _running) > 0;

    /// <summary>Starts background tasks that send the alerts for newly reached thresholds. Call this under the lock of the budget's account.</summary>
    public void Consider(string projectId, BudgetScope scope, BillingMonth month)
    {
        var spent = Nanodollars.ToUsd(scope.Spent);
        foreach (var threshold in scope.Budget.Alerts)
        {
            if (spent * 100 >= scope.Budget.MonthlyUsd * threshold && scope.Alerted.Add(threshold))
            {
                var isOfAgent = Budget.IsOfAgent(scope.KeyId);
                var alert = new BudgetAlert(projectId, scope.KeyId.Length == 0 || isOfAgent ? null : scope.KeyId, threshold, spent, scope.Budget.MonthlyUsd, month.ToString())
                {
                    AgentId = isOfAgent ? scope.KeyId : null,
                };
                var budget = scope.Budget;
                Interlocked.Increment(ref _running);
                _ = Task.Run(() => ReportAsync(alert, budget)).ContinueWith(_ => Interlocked.Decrement(ref _running), TaskScheduler.Default);
            }
        }
    }

    /// <summary>
    /// Makes the current attempts to claim and to send alerts the last ones. What no edge has claimed is reported by the next edge that reads the spend.
    /// </summary>
    public void Stop() => _stopping.Cancel();

    public void Dispose() => Stop();

    /// <summary>Call this when the edge waits no longer.</summary>
    public void WarnIfRunning()
    {
        if (AreRunning)
        {
            Log.Cut(logger);
        }
    }

    private async Task ReportAsync(BudgetAlert alert, Budget budget)
    {
        if (!await TryClaimAsync(alert, budget.SetAt))
        {
            return;
        }

        Log.Reached(logger, alert.ProjectId, alert.Scope, alert.Threshold, alert.SpendUsd, alert.BudgetUsd, alert.Month);
        WebhookResult? sent = budget is { WebhookUrl: { } url, WebhookSecret: { } secret } ? await webhook.SendAsync(url, secret, alert, lastTry: _stopping.Token) : null;
        if (sent?.Fault is { } fault)
        {
            Log.NotDelivered(logger, alert.ProjectId, alert.Scope, alert.Threshold, fault);
        }

        try
        {
            await deliveries.NoteAsync(alert, sent);
        }
        catch (Exception exception)
        {
            // The alert was sent. Only its delivery record is missing, so the edge logs the failure and does not send the alert again.
            Log.NotNoted(logger, exception, alert.ProjectId, alert.Threshold);
        }
    }

    // Tries until the database is available, or the edge stops.
    private async Task<bool> TryClaimAsync(BudgetAlert alert, DateTimeOffset setAt)
    {
        var record = new BudgetAlertRecord { ProjectId = alert.ProjectId, KeyId = alert.Scope, Month = alert.Month, Threshold = alert.Threshold };
        for (var attempt = 1; attempt == 1 || !_stopping.IsCancellationRequested; attempt++)
        {
            try
            {
                await using var database = await contexts.CreateDbContextAsync();

                // The budget may have been replaced or removed meanwhile. An alert of the old setting would take the place of one of the new setting.
                var isCurrent = await database.Budgets.AnyAsync(row => row.ProjectId == alert.ProjectId && row.KeyId == alert.Scope && row.MonthlyUsd != null && row.SetAt == setAt);
                if (!isCurrent || await database.BudgetAlerts.ContainsAsync(record))
                {
                    return false;
                }

                database.BudgetAlerts.Add(record);
                await database.SaveChangesAsync();
                return true;
            }
            catch (Exception exception) when (attempt == QuickTries)
            {
                Log.NotClaimed(logger, exception, alert.ProjectId, alert.Threshold);
            }
            catch (Exception)
            {
                // Either another edge has claimed the alert, which the next attempt detects, or the database is unavailable.
            }

            var interval = attempt < QuickTries ? RetryInterval / (QuickTries * (QuickTries - attempt)) : OutageRetryInterval;
            await Task.Delay(interval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Warning, "Project {ProjectId}: the result of the alert for {Threshold} % of a budget could not be stored.", EventName = "BudgetAlertNotNoted")]
        public static partial void NotNoted(ILogger logger, Exception exception, string projectId, int threshold);

        [LoggerMessage(91, LogLevel.Warning, "Project {ProjectId}, key or agent {KeyId}: {Threshold} % of the budget are spent, {SpendUsd} of {BudgetUsd} USD in {Month}.", EventName = "BudgetThresholdReached")]
        public static partial void Reached(ILogger logger, string projectId, string keyId, int threshold, decimal spendUsd, decimal budgetUsd, string month);

        [LoggerMessage(92, LogLevel.Error, "Project {ProjectId}, key or agent {KeyId}: the webhook did not accept the alert for {Threshold} % of the budget. {Fault}", EventName = "BudgetAlertNotDelivered")]
        public static partial void NotDelivered(ILogger logger, string projectId, string keyId, int threshold, string fault);

        [LoggerMessage(402, LogLevel.Warning, "The edge stops while it sends alerts of budgets, which may be lost.", EventName = "BudgetAlertsCut")]
        public static partial void Cut(ILogger logger);

        [LoggerMessage(93, LogLevel.Error, "Project {ProjectId}: the alert for {Threshold} % of a budget is late, because the edge cannot check in the database whether another edge has sent it. The edge tries again every 30 s.", EventName = "BudgetAlertNotClaimed")]
        public static partial void NotClaimed(ILogger logger, Exception exception, string projectId, int threshold);
    }
}
