using Cencori.Edge.Budgets;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>What a project, or one of its keys or agents, may spend in a month: read, and replaced as a whole.</summary>
public static class BudgetsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/budget", GetAsync);
        projects.MapPut("/{projectId}/budget", ReplaceAsync);
        projects.MapGet("/{projectId}/api-keys/{keyId}/budget", GetAsync);
        projects.MapPut("/{projectId}/api-keys/{keyId}/budget", ReplaceAsync);

        // What it is told of a key it is told of an agent, whose id is none of a key's.
        projects.MapGet("/{projectId}/agents/{keyId:required}/budget", GetAsync).WithMetadata(new OfAgent());
        projects.MapPut("/{projectId}/agents/{keyId:required}/budget", ReplaceAsync).WithMetadata(new OfAgent());
    }

    /// <summary>Gives a key the budget of the one that it replaces, not yet saved. False: there is none.</summary>
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

    private static async Task GetAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, BudgetLedger budgets, UnpricedModels unpriced, string? keyId = null)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await ExistsAsync(context, database, projectId, keyId))
        {
            var row = await database.Budgets.FindAsync(projectId, keyId ?? Budget.OfProject);
            await AnswerAsync(context, row, await budgets.SpentAsync(projectId, keyId), await unpriced.CountAsync(projectId, context.RequestAborted));
        }
    }

    private static async Task ReplaceAsync(
        HttpContext context, string projectId, Changes changes, SecretSealer sealer, ProjectCache cache, BudgetLedger budgets, UnpricedModels unpriced, TimeProvider time,
        string? keyId = null)
    {
        if (await context.ReadBodyAsync<BudgetReplacement>() is not { } body)
        {
            return;
        }

        var replaced = await changes.MakeToProjectAsync(context, projectId, (database, _) => SetAsync(context, database, projectId, keyId, body, sealer, time));
        if (replaced is not null)
        {
            await cache.InvalidateAsync(projectId);
            await AnswerAsync(context, replaced, await budgets.SpentAsync(projectId, keyId), await unpriced.CountAsync(projectId, context.RequestAborted));
        }
    }

    private static async Task<BudgetRecord?> SetAsync(
        HttpContext context, EdgeDbContext database, string projectId, string? keyId, BudgetReplacement body, SecretSealer sealer, TimeProvider time)
    {
        if (!await ExistsAsync(context, database, projectId, keyId))
        {
            return null;
        }

        var row = await database.Budgets.FindAsync(projectId, keyId ?? Budget.OfProject);
        if (!await context.ExpectsAsync(BudgetView.TagOf(row)))
        {
            return null;
        }

        if (body.Check(row?.SealedSecret is not null) is { } problem)
        {
            await context.Refuse(problem);
            return null;
        }

        if (row is null)
        {
            row = new BudgetRecord { ProjectId = projectId, KeyId = keyId ?? Budget.OfProject, SetAt = default };
            database.Budgets.Add(row);
        }

        // Another amount has thresholds of its own.
        if (row.MonthlyUsd != body.MonthlyBudgetUsd)
        {
            await database.BudgetAlerts.Where(alert => alert.ProjectId == row.ProjectId && alert.KeyId == row.KeyId).ExecuteDeleteAsync();
        }

        Change(row, body, sealer, time);
        return row;
    }

    private static Task AnswerAsync(HttpContext context, BudgetRecord? row, decimal spentUsd, long unpricedRequests) =>
        context.AnswerAsync(StatusCodes.Status200OK, BudgetView.Of(row, spentUsd, unpricedRequests), BudgetView.TagOf(row));

    private static void Change(BudgetRecord row, BudgetReplacement body, SecretSealer sealer, TimeProvider time)
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

    private static async Task<bool> ExistsAsync(HttpContext context, EdgeDbContext database, string projectId, string? keyId)
    {
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return false;
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<OfAgent>() is not null)
        {
            return await AgentEditor.FindAsync(context, database, projectId, keyId!) is not null;
        }

        if (keyId is null || await database.ApiKeys.AnyAsync(key => key.Id == keyId && key.ProjectId == projectId))
        {
            return true;
        }

        await context.Refuse(new EdgeError(ErrorKind.NotFound, "There is no such key in this project."));
        return false;
    }

    private sealed class OfAgent;
}
