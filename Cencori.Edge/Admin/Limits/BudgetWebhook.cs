using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Budgets;
using Cencori.Edge.Egress;
using Cencori.Edge.Errors;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>What a budget's webhook has been told, and telling it again.</summary>
internal sealed class BudgetWebhook(
    IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProjectCache projects, BudgetLedger budgets, SignedWebhook webhook, AlertDeliveries deliveries, TimeProvider time)
{
    private readonly Throttle<string> _tests = new("A webhook of this project", "tested", time);
    private readonly Throttle<string> _resent = new("An alert of this project", "sent again", time);

    private static readonly EdgeError NoAddress = EdgeError.Invalid("This budget has an amount, a webhook and a secret before it can be tried.", "webhook_url");

    /// <returns>The newest first.</returns>
    public async Task<List<AlertDeliveryView>> ListAsync(BudgetTarget target, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await target.CheckAsync(database);
        return (await deliveries.ListAsync(target.ProjectId, target.KeyId, cancellation)).ConvertAll(AlertDeliveryView.Of);
    }

    /// <summary>Sends what looks like an alert, and says that it is a test. Once: whoever asks waits for it.</summary>
    /// <exception cref="RefusedException">There is no address, or one of the project was tested a moment ago.</exception>
    public async Task<AlertDeliveryView> TestAsync(AuditActor actor, BudgetTarget target)
    {
        var budget = await FindAsync(target);
        _tests.Begin(target.ProjectId);
        var alert = Alert(target, threshold: 100, await budgets.SpentAsync(target.ProjectId, target.Id), budget.MonthlyUsd, BillingMonth.Of(time.GetUtcNow()).ToString()) with { IsTest = true };
        return await SendAsync(actor, "webhook.tested", target, budget, alert);
    }

    /// <summary>Tells an alert once more, in the words of then.</summary>
    /// <exception cref="RefusedException">There was no such alert, or one of the project was sent again a moment ago.</exception>
    public async Task<AlertDeliveryView> ResendAsync(AuditActor actor, BudgetTarget target, long deliveryId, CancellationToken cancellation)
    {
        var budget = await FindAsync(target);
        var told = (await deliveries.ListAsync(target.ProjectId, target.KeyId, cancellation)).Find(delivery => delivery.Id == deliveryId && delivery.Threshold > 0)
            ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "There is no such alert."));
        _resent.Begin(target.ProjectId);
        return await SendAsync(actor, "webhook.resent", target, budget, Alert(target, told.Threshold, told.SpendUsd, told.BudgetUsd, told.Month));
    }

    private async Task<AlertDeliveryView> SendAsync(AuditActor actor, string action, BudgetTarget target, Budget budget, BudgetAlert alert)
    {
        // Noted before: what has been sent is never missing there.
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

/// <param name="Id">Of the delivery.</param>
/// <param name="Threshold">In percent; null: it was a test.</param>
/// <param name="Month">Of the budget.</param>
/// <param name="SpendUsd">What was told to be spent.</param>
/// <param name="BudgetUsd">Of how much.</param>
/// <param name="At">When.</param>
/// <param name="Attempts">0: there was no webhook, and only the log was told.</param>
/// <param name="Status">Of the last response; null: there was none.</param>
/// <param name="Fault">Why it was not taken; null: it was.</param>
public sealed record AlertDeliveryView(long Id, int? Threshold, string Month, decimal SpendUsd, decimal BudgetUsd, DateTimeOffset At, int Attempts, int? Status, string? Fault)
{
    internal static AlertDeliveryView Of(AlertDeliveryRecord row) =>
        new(row.Id, row.Threshold == 0 ? null : row.Threshold, row.Month, row.SpendUsd, row.BudgetUsd, row.At, row.Attempts, row.Status, row.Fault);
}
