using Cencori.Edge.Egress;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Budgets;

/// <summary>Remembers what became of alerts, so that somebody can see whether the webhook took them.</summary>
internal sealed class AlertDeliveries(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    /// <summary>As many alerts are kept of each project.</summary>
    public const int Kept = 100;

    /// <summary>As many tests beside them, which push out no alert.</summary>
    public const int KeptTests = 10;

    /// <param name="alert">What was told.</param>
    /// <param name="sent">What became of it; null: there was no address.</param>
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

        // Whoever presses a button can repeat it at will.
        var alike = database.AlertDeliveries.Where(row => row.ProjectId == alert.ProjectId && (row.Threshold == 0) == alert.IsTest);
        var oldest = await alike.OrderByDescending(row => row.Id).Skip(alert.IsTest ? KeptTests : Kept).Select(row => row.Id).FirstOrDefaultAsync();
        if (oldest > 0)
        {
            await alike.Where(row => row.Id <= oldest).ExecuteDeleteAsync();
        }

        return record;
    }

    /// <summary>The newest first.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="keyId">As a budget's record has it.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    public async Task<List<AlertDeliveryRecord>> ListAsync(string projectId, string keyId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.AlertDeliveries.AsNoTracking().Where(row => row.ProjectId == projectId && row.KeyId == keyId).OrderByDescending(row => row.Id).ToListAsync(cancellation);
    }
}
