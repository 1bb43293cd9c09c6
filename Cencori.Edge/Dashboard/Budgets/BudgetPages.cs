using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Usage;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Pricing;

namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>The page of a budget: the project's, or with <c>key</c> or <c>agent</c> in the URL, that of one key or agent.</summary>
internal sealed class BudgetPages(BudgetEditor budgets, BudgetWebhook webhook, BudgetReader reader, ApiKeyEditor keys, AgentEditor agents, TimeProvider time)
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/budget", (PageRequest page, BudgetPages budgets) => budgets.ShowAsync(page));
        pages.MapPost("/p/{slug}/budget", (PageRequest page, BudgetPages budgets) => budgets.SaveAsync(page)).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/budget/test", (PageRequest page, BudgetPages budgets) => budgets.TestAsync(page)).WithMetadata(PageAccess.Members, new LongResponseMetadata());
        pages.MapPost("/p/{slug}/budget/resend", (PageRequest page, BudgetPages budgets) => budgets.ResendAsync(page)).WithMetadata(PageAccess.Members, new LongResponseMetadata());
    }

    private Task<IResult> ShowAsync(PageRequest page)
    {
        var query = page.Context.Request.Query;
        return ShowAsync(page, TargetOf(page, query["key"], query["agent"]));
    }

    private async Task<IResult> SaveAsync(PageRequest page)
    {
        var form = await page.FormAsync();
        var owner = TargetOf(page, form["key"], form["agent"]);
        try
        {
            await budgets.ReplaceAsync(page.Actor, owner.Target, BudgetForm.Read(form), Precondition.Tag(form["tag"]), page.Aborted);
            return PageRequest.RedirectTo(PathOf(page, owner), "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            var tag = (await budgets.GetAsync(owner.Target, page.Aborted)).Tag;
            return await ShowAsync(page, owner, FormConflict.Refused(form, refused.Error, tag, BudgetForm.Secret), refused.Error.Status);
        }
    }

    private async Task<IResult> TestAsync(PageRequest page)
    {
        var form = await page.FormAsync();
        var owner = TargetOf(page, form["key"], form["agent"]);
        var sent = await webhook.TestAsync(page.Actor, owner.Target);
        return PageRequest.RedirectTo(PathOf(page, owner), sent.Fault is null ? "webhook-took-test" : "webhook-refused-test");
    }

    private async Task<IResult> ResendAsync(PageRequest page)
    {
        var form = await page.FormAsync();
        var owner = TargetOf(page, form["key"], form["agent"]);
        var sent = await webhook.ResendAsync(page.Actor, owner.Target, FormNumbers.ReadInteger(form, "delivery") ?? 0, page.Aborted);
        return PageRequest.RedirectTo(PathOf(page, owner), sent.Fault is null ? "alert-resent" : "alert-not-resent");
    }

    private async Task<IResult> ShowAsync(PageRequest page, (BudgetTarget Target, string? Kind) owner, FormState? form = null, int status = StatusCodes.Status200OK)
    {
        var (target, kind) = owner;
        var budget = await budgets.GetAsync(target, page.Aborted);
        var names = await UsageNames.ReadAsync(page.Project.Id, keys, agents);
        var now = time.GetUtcNow();
        var logsPath = page.Project.Path + "/logs";

        // When one read of usage times out, the reads below are skipped, so that the user waits for one timeout at most.
        var days = await reader.LastDaysAsync(target, kind, page.Aborted);
        var byModel = days is null ? null : await reader.SpendersAsync(target, kind, UsageGroup.Model, names, logsPath, page.Aborted);
        var byKey = byModel is null ? null : kind is not null ? [] : await reader.SpendersAsync(target, kind, UsageGroup.Key, names, logsPath, page.Aborted);
        var others = byKey is null ? null : kind is not null ? [] : await reader.OthersAsync(page.Project.Id, names, page.Aborted);
        return Page.Show<BudgetPage, BudgetModel>(page.Frame("Budget", Section.Budget), new()
        {
            Budget = budget.Value,
            InFlightUsd = await reader.InFlightAsync(target),
            Resets = BillingMonth.Of(now).End,
            Forecast = BudgetForecast.Of(days ?? [], budget.Value.CurrentSpendUsd, budget.Value.MonthlyBudgetUsd, now),
            IsBusy = others is null,
            Kind = kind,
            Id = target.Id,
            Name = kind is null ? null : names.Of(kind, target.Id!),
            Keys = byKey ?? [],
            Models = byModel ?? [],
            Others = others ?? [],
            Deliveries = await webhook.ListAsync(target, page.Aborted),
            Form = form ?? BudgetForm.Of(budget.Value),
            Tag = budget.Tag,
            Path = page.Project.Path + "/budget",
        }, status);
    }

    private static (BudgetTarget Target, string? Kind) TargetOf(PageRequest page, string? key, string? agent) =>
        !string.IsNullOrEmpty(key) ? (BudgetTarget.OfKey(page.Project.Id, key), "key")
        : !string.IsNullOrEmpty(agent) ? (BudgetTarget.OfAgent(page.Project.Id, agent), "agent")
        : (BudgetTarget.OfProject(page.Project.Id), null);

    private static string PathOf(PageRequest page, (BudgetTarget Target, string? Kind) owner) =>
        $"{page.Project.Path}/budget{(owner.Kind is null ? "" : $"?{owner.Kind}={Uri.EscapeDataString(owner.Target.Id!)}")}";
}
