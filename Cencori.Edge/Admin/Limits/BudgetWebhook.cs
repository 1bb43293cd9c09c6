using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Lists deliveries to a budget's webhook, sends alerts again, and sends tests.</summary>
internal sealed class BudgetWebhook(
    IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects, BudgetLedger budgets, SignedWebhook webhook, AlertDeliveries deliveries, TimeProvider time)
{
    private readonly Throttle<string> _tests = new("A webhook of this project", "tested", time);
    private readonly Throttle<string> _resent = new("An alert of this project", "sent again", time);

    private static readonly EdgeError NoAddress = EdgeError.Invalid("To send a test or an alert, the budget must have an amount, a webhook and a secret. Set them first.", "webhook_url");

    /// <returns>Deliveries, newest first.</returns>
    public async Task<List<AlertDeliveryView>> ListAsync(BudgetTarget target, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await target.CheckAsync(database);
        return (await deliveries.ListAsync(target.ProjectId, target.KeyId, cancellation)).ConvertAll(AlertDeliveryView.Of);
    }

    /// <summary>Sends one alert that is marked as a test. A failed delivery is not retried, because the caller waits.</summary>
    /// <exception cref="RefusedException">The budget has no webhook, or a webhook of the project was tested a moment ago.</exception>
    public async Task<AlertDeliveryView> TestAsync(AuditActor actor, BudgetTarget target)
    {
        var budget = await FindAsync(target);
        _tests.Begin(target.ProjectId);
        var alert = Alert(target, threshold: 100, await budgets.SpentAsync(target.ProjectId, target.Id), budget.MonthlyUsd, BillingMonth.Of(time.GetUtcNow()).ToString()) with { IsTest = true };
        return await SendAsync(actor, "webhook.tested", target, budget, alert);
    }

    /// <summary>Sends an alert again, with its original content.</summary>
    /// <exception cref="RefusedException">There is no such alert, or an alert of the project was sent again a moment ago.</exception>
    public async Task<AlertDeliveryView> ResendAsync(AuditActor actor, BudgetTarget target, long deliveryId, CancellationToken cancellation)
    {
        var budget = await FindAsync(target);
        var delivery = (await deliveries.ListAsync(target.ProjectId, target.KeyId, cancellation)).Find(delivery => delivery.Id == deliveryId && delivery.Threshold > 0)
            ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such alert."));
        _resent.Begin(target.ProjectId);
        return await SendAsync(actor, "webhook.resent", target, budget, Alert(target, delivery.Threshold, delivery.SpendUsd, delivery.BudgetUsd, delivery.Month));
    }

    private async Task<AlertDeliveryView> SendAsync(AuditActor actor, string action, BudgetTarget target, Budget budget, BudgetAlert alert)
    {
        // The audit entry is written first, so that every sent alert has one.
        await changes.NoteAsync(actor, new(action, target.ProjectId, target.Id ?? target.ProjectId));
        var sent = await webhook.SendAsync(budget.WebhookUrl!, budget.WebhookSecret!, alert, tries: 1);
        return AlertDeliveryView.Of(await deliveries.NoteAsync(alert, sent));
    }

    private async Task<Budget> FindAsync(BudgetTarget target)
    {
        await using var database = await contexts.CreateDbContextAsync();
        await target.CheckAsync(database);
        return (await projects.GetAsync(target.ProjectId))?.Budgets.GetValueOrDefault(target.KeyId) is { WebhookUrl: not null, WebhookSecret: not null } budget
            ? budget
            : throw new RefusedException(NoAddress);
    }

    private static BudgetAlert Alert(BudgetTarget target, int threshold, decimal spendUsd, decimal budgetUsd, string month)
    {
        var isOfAgent = Budget.IsOfAgent(target.KeyId);
        return new(target.ProjectId, isOfAgent ? null : target.Id, threshold, spendUsd, budgetUsd, month) { AgentId = isOfAgent ? target.Id : null };
    }
}

/// <param name="Id">Id of the delivery.</param>
/// <param name="Threshold">The reached threshold, in percent of the budget. Null: the delivery is a test.</param>
/// <param name="Month">Month of the budget.</param>
/// <param name="SpendUsd">Spend that the alert stated.</param>
/// <param name="BudgetUsd">Budget that the alert stated.</param>
/// <param name="At">Time of the delivery.</param>
/// <param name="Attempts">Number of attempts to deliver. 0: there is no webhook, so the alert appeared only in the log.</param>
/// <param name="Status">HTTP status of the webhook's last response. Null: no response.</param>
/// <param name="Fault">Why the delivery failed. Null: it succeeded.</param>
public sealed record AlertDeliveryView(long Id, int? Threshold, string Month, decimal SpendUsd, decimal BudgetUsd, DateTimeOffset At, int Attempts, int? Status, string? Fault)
{
    internal static AlertDeliveryView Of(AlertDeliveryRecord row) =>
        new(row.Id, row.Threshold == 0 ? null : row.Threshold, row.Month, row.SpendUsd, row.BudgetUsd, row.At, row.Attempts, row.Status, row.Fault);
}
