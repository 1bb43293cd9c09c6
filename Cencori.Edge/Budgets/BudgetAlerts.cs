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
internal sealed partial class BudgetAlerts(IDbContextFactory<EdgeDbContext> contexts, SignedWebhook webhook, AlertDeliveries deliveries, TimeProvider time, ILogger<BudgetAlerts> logger)
{
    private const int Tries = 3;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

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
                _ = Task.Run(() => ReportAsync(alert, scope.Budget));
            }
        }
    }

    private async Task ReportAsync(BudgetAlert alert, Budget budget)
    {
        if (!await TryClaimAsync(alert))
        {
            return;
        }

        Log.Reached(logger, alert.ProjectId, alert.Scope, alert.Threshold, alert.SpendUsd, alert.BudgetUsd, alert.Month);
        WebhookResult? sent = budget is { WebhookUrl: { } url, WebhookSecret: { } secret } ? await webhook.SendAsync(url, secret, alert) : null;
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

    private async Task<bool> TryClaimAsync(BudgetAlert alert)
    {
        var record = new BudgetAlertRecord { ProjectId = alert.ProjectId, KeyId = alert.Scope, Month = alert.Month, Threshold = alert.Threshold };
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var database = await contexts.CreateDbContextAsync();
                if (await database.BudgetAlerts.ContainsAsync(record))
                {
                    return false;
                }

                database.BudgetAlerts.Add(record);
                await database.SaveChangesAsync();
                return true;
            }
            catch (Exception exception)
            {
                // Either another edge has claimed the alert, which the next attempt detects, or the database is unavailable.
                if (attempt == Tries)
                {
                    Log.NotClaimed(logger, exception, alert.ProjectId, alert.Threshold);
                    return false;
                }

                await Task.Delay(RetryInterval / (Tries * (Tries - attempt)), time);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(150, LogLevel.Warning, "Project {ProjectId}: the result of the alert for {Threshold} % of a budget could not be stored.", EventName = "BudgetAlertNotNoted")]
        public static partial void NotNoted(ILogger logger, Exception exception, string projectId, int threshold);

        [LoggerMessage(91, LogLevel.Warning, "Project {ProjectId}, key or agent {KeyId}: {Threshold} % of the budget are spent, {SpendUsd} of {BudgetUsd} USD in {Month}.", EventName = "BudgetThresholdReached")]
        public static partial void Reached(ILogger logger, string projectId, string keyId, int threshold, decimal spendUsd, decimal budgetUsd, string month);

        [LoggerMessage(92, LogLevel.Error, "Project {ProjectId}, key or agent {KeyId}: the webhook did not accept the alert for {Threshold} % of the budget. {Fault}", EventName = "BudgetAlertNotDelivered")]
        public static partial void NotDelivered(ILogger logger, string projectId, string keyId, int threshold, string fault);

        [LoggerMessage(93, LogLevel.Error, "Project {ProjectId}: the alert for {Threshold} % of a budget is not sent, because the edge could not check in the database whether another edge has sent it.", EventName = "BudgetAlertNotClaimed")]
        public static partial void NotClaimed(ILogger logger, Exception exception, string projectId, int threshold);
    }
}
