using Cencori.Edge.Egress;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Budgets;

/// <summary>Records for each budget alert whether the webhook accepted it, so that an administrator can see the result.</summary>
internal sealed class AlertDeliveries(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    /// <summary>Maximum number of stored deliveries of real alerts per project.</summary>
    public const int Kept = 100;

    /// <summary>Maximum number of stored deliveries of test alerts per project. They do not displace real alerts.</summary>
    public const int KeptTests = 10;

    /// <param name="alert">The alert.</param>
    /// <param name="sent">The result of the webhook; null: no webhook is configured.</param>
    public async Task<AlertDeliveryRecord> NoteAsync(BudgetAlert alert, WebhookResult? sent)
    {
        var record = new AlertDeliveryRecord
        {
            ProjectId = alert.ProjectId,
            KeyId = alert.Scope,
            Month = alert.Month,
            Threshold = alert.IsTest ? 0 : alert.Threshold,
            SpendUsd = alert.SpendUsd,
            BudgetUsd = alert.BudgetUsd,
            At = time.GetUtcNow(),
            Attempts = sent?.Attempts ?? 0,
            Status = sent?.Status,
            Fault = sent?.Fault,
        };
        await using var database = await contexts.CreateDbContextAsync();
        database.AlertDeliveries.Add(record);
        await database.SaveChangesAsync();

        // Keeps only the newest rows, because an administrator can send any number of tests.
        var alike = database.AlertDeliveries.Where(row => row.ProjectId == alert.ProjectId && (row.Threshold == 0) == alert.IsTest);
        var oldest = await alike.OrderByDescending(row => row.Id).Skip(alert.IsTest ? KeptTests : Kept).Select(row => row.Id).FirstOrDefaultAsync();
        if (oldest > 0)
        {
            await alike.Where(row => row.Id <= oldest).ExecuteDeleteAsync();
        }

        return record;
    }

    /// <summary>Lists the deliveries, newest first.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="keyId">The key or agent of the budget. Empty: the whole project.</param>
    /// <param name="cancellation">Cancels the read.</param>
    public async Task<List<AlertDeliveryRecord>> ListAsync(string projectId, string keyId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.AlertDeliveries.AsNoTracking().Where(row => row.ProjectId == projectId && row.KeyId == keyId).OrderByDescending(row => row.Id).ToListAsync(cancellation);
    }
}
