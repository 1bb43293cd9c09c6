using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Reads and replaces the monthly budgets of a project, its keys and its agents.</summary>
internal sealed class BudgetEditor(
    IDbContextFactory<EdgeDbContext> contexts, Changes changes, SecretSealer sealer, ProjectCache projects, BudgetLedger budgets, UnpricedModels unpriced, TimeProvider time)
{
    public async Task<Tagged<BudgetView>> GetAsync(BudgetTarget target, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await target.CheckAsync(database);
        return await TagAsync(target, await database.Budgets.FindAsync([target.ProjectId, target.KeyId], cancellation), cancellation);
    }

    /// <summary>Lists all budgets of a project, by key id or agent id. The budget of the project itself has an empty id. The spend is not looked up and is 0.</summary>
    public async Task<Dictionary<string, Tagged<BudgetView>>> ListAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await database.Budgets.AsNoTracking().Where(row => row.ProjectId == projectId).ToDictionaryAsync(row => row.KeyId, TagStored, cancellation);
    }

    /// <summary>Creates the view of a stored budget, as in <see cref="ListAsync"/>. Null: the view shows that there is no budget.</summary>
    public static Tagged<BudgetView> TagStored(BudgetRecord? row) => new(BudgetView.Of(row, spentUsd: 0, unpricedRequests: 0), BudgetView.TagOf(row));

    public async Task<Tagged<BudgetView>> ReplaceAsync(AuditActor actor, BudgetTarget target, BudgetReplacement body, Precondition expected, CancellationToken cancellation) =>
        await TagAsync(target, await SetAsync(actor, target, body, expected), cancellation);

    /// <summary>Like <see cref="ReplaceAsync"/>, but does not look up the spend.</summary>
    public async Task<BudgetRecord> SetAsync(AuditActor actor, BudgetTarget target, BudgetReplacement body, Precondition expected)
    {
        var replaced = await changes.MakeToProjectAsync(actor, target.ProjectId, (database, _) => SetAsync(database, target, body, expected));
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(target.ProjectId));
        return replaced;
    }

    /// <summary>Copies the budget of a rotated key to the new key. The caller saves the copy. Returns false if the rotated key has no budget.</summary>
    public static async Task<bool> TryCopyAsync(EdgeDbContext database, SecretSealer sealer, ApiKeyRecord from, ApiKeyRecord to)
    {
        if (await database.Budgets.FindAsync(from.ProjectId, from.Id) is not { } budget)
        {
            return false;
        }

        var copy = new BudgetRecord
        {
            ProjectId = to.ProjectId,
            KeyId = to.Id,
            MonthlyUsd = budget.MonthlyUsd,
            IsEnforced = budget.IsEnforced,
            RefusesUnpriced = budget.RefusesUnpriced,
            Alerts = budget.Alerts,
            WebhookUrl = budget.WebhookUrl,
            SetAt = to.CreatedAt,
        };
        if (budget.SealedSecret is not null)
        {
            copy.SealedSecret = sealer.Seal(sealer.Open(budget.SealedSecret, budget.SealKeyId!, Budget.OwnerOf(budget)), Budget.OwnerOf(copy));
            copy.SealKeyId = sealer.SealKeyId;
        }

        database.Budgets.Add(copy);
        return true;
    }

    /// <summary>Creates the budget of a new key from a checked body without a webhook. The caller saves the budget.</summary>
    public static BudgetRecord NewOf(ApiKeyRecord key, BudgetReplacement body) => new()
    {
        ProjectId = key.ProjectId,
        KeyId = key.Id,
        MonthlyUsd = body.MonthlyBudgetUsd,
        IsEnforced = body.Enforce,
        RefusesUnpriced = body.Unpriced == BudgetView.Refuse,
        Alerts = [.. (body.Alerts ?? []).Order()],
        SetAt = key.CreatedAt,
    };

    private async Task<BudgetRecord> SetAsync(EdgeDbContext database, BudgetTarget target, BudgetReplacement body, Precondition expected)
    {
        await target.CheckAsync(database);
        var row = await database.Budgets.FindAsync(target.ProjectId, target.KeyId);
        expected.Check(BudgetView.TagOf(row));
        body.Check(row?.SealedSecret is not null).ThrowIfAny();

        // Without this check, a person who does not know the secret could have alerts signed with it sent to any server.
        if (row?.SealedSecret is not null && body is { WebhookUrl: { } url, WebhookSecret.IsPresent: false } && !ServerAddress.IsSame(url, row.WebhookUrl))
        {
            throw new RefusedException(EdgeError.Invalid("The stored webhook_secret is for another server. Send the webhook_secret again.", "webhook_secret"));
        }

        if (row is null)
        {
            row = new BudgetRecord { ProjectId = target.ProjectId, KeyId = target.KeyId, SetAt = default };
            database.Budgets.Add(row);
        }

        // If the amount changes, the sent alerts are forgotten: each percentage is now another amount, for which an alert may be due again.
        if (row.MonthlyUsd != body.MonthlyBudgetUsd)
        {
            await database.BudgetAlerts.Where(alert => alert.ProjectId == row.ProjectId && alert.KeyId == row.KeyId).ExecuteDeleteAsync();
        }

        Change(row, body);
        return row;
    }

    private void Change(BudgetRecord row, BudgetReplacement body)
    {
        row.MonthlyUsd = body.MonthlyBudgetUsd;
        row.IsEnforced = body.Enforce;
        row.RefusesUnpriced = body.Unpriced == BudgetView.Refuse;
        row.Alerts = [.. (body.Alerts ?? []).Order()];
        row.WebhookUrl = body.WebhookUrl;
        row.SetAt = time.GetUtcNow();
        if (body.WebhookSecret.IsPresent)
        {
            row.SealedSecret = body.WebhookSecret.Value is { } secret ? sealer.Seal(secret, Budget.OwnerOf(row)) : null;
            row.SealKeyId = row.SealedSecret is null ? null : sealer.SealKeyId;
        }
    }

    private async Task<Tagged<BudgetView>> TagAsync(BudgetTarget target, BudgetRecord? row, CancellationToken cancellation) => new(
        BudgetView.Of(row, await budgets.SpentAsync(target.ProjectId, target.Id), await unpriced.CountAsync(target.ProjectId, cancellation)), BudgetView.TagOf(row));
}
