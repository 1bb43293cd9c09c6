using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>The list of a project's keys, and the page of one key: permissions, usage, and changes.</summary>
internal static class KeyPages
{
    private const int PageSize = 100;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/keys", ListAsync).WithMetadata(PageAccess.Viewers);
        pages.MapGet("/p/{slug}/keys/{keyId}", GetAsync).WithMetadata(PageAccess.Viewers);
        pages.MapPost("/p/{slug}/keys/{keyId}", ChangeAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/keys/{keyId}/budget", SetBudgetAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> ListAsync(PageRequest page, ApiKeyEditor keys)
    {
        var frame = page.Frame("API Keys", Section.Keys);
        var filter = KeyFilter.Read(page.Context.Request.Query);
        var all = (await keys.ListAsync(page.Project.Id)).ConvertAll(key => new KeyRow(key, frame.Viewer.Now));

        // Active keys first, and the newest of them at the top.
        var taken = all.Where(filter.Matches).OrderBy(row => row.Works ? 0 : 1).ThenByDescending(row => row.Key.CreatedAt).ToList();
        var pageCount = Math.Max(1, (taken.Count + PageSize - 1) / PageSize);
        filter = filter with { Page = Math.Min(filter.Page, pageCount) };
        return Page.Show<KeysPage, KeysModel>(frame, new(filter, [.. taken.Skip((filter.Page - 1) * PageSize).Take(PageSize)], taken.Count, all.Count, pageCount));
    }

    private static async Task<IResult> GetAsync(PageRequest page, string keyId, KeyReader reader) => await ShowAsync(page, keyId, reader);

    private static async Task<IResult> ChangeAsync(PageRequest page, string keyId, ApiKeyEditor keys, KeyReader reader)
    {
        var form = await page.FormAsync();
        try
        {
            var before = (await keys.GetAsync(page.Project.Id, keyId)).Value;
            await keys.ChangeAsync(page.Actor, page.Project.Id, keyId, KeyForm.ReadChange(form, before, reader.Now), Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo($"{page.Project.Path}/keys/{before.Id}", "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            return await ShowAsync(page, keyId, reader, edited: FormConflict.Refused(form, refused.Error, (await keys.GetAsync(page.Project.Id, keyId)).Tag), status: refused.Error.Status);
        }
    }

    private static async Task<IResult> SetBudgetAsync(PageRequest page, string keyId, BudgetEditor budgets, KeyReader reader)
    {
        var form = await page.FormAsync();
        var target = BudgetTarget.OfKey(page.Project.Id, keyId);
        try
        {
            var before = (await budgets.GetAsync(target, page.Aborted)).Value;
            var body = new BudgetReplacement
            {
                MonthlyBudgetUsd = KeyForm.ReadBudget(form, before.MonthlyBudgetUsd),
                Enforce = before.Enforce,
                Alerts = [.. before.Alerts],
                Unpriced = before.Unpriced,
                WebhookUrl = before.WebhookUrl,
            };
            await budgets.ReplaceAsync(page.Actor, target, body, Precondition.Tag(form["tag"]), page.Aborted);
            return PageRequest.RedirectTo($"{page.Project.Path}/keys/{Uri.EscapeDataString(keyId)}", "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            return await ShowAsync(page, keyId, reader, budgeted: FormConflict.Refused(form, refused.Error, (await budgets.GetAsync(target, page.Aborted)).Tag), status: refused.Error.Status);
        }
    }

    private static async Task<IResult> ShowAsync(
        PageRequest page, string keyId, KeyReader reader, FormState? edited = null, FormState? budgeted = null, int status = StatusCodes.Status200OK)
    {
        var key = await reader.ReadAsync(page, keyId);
        return Page.Show<KeyPage, KeyModel>(
            page.Frame(key.Row.Key.Name, Section.Keys), key with { Edited = edited ?? KeyForm.Of(key.Row.Key), Budgeted = budgeted ?? KeyForm.Of(key.Budget) }, status);
    }
}

/// <param name="Filter">The filter in force.</param>
/// <param name="Rows">The rows of this page.</param>
/// <param name="Count">Number of keys that match the filter.</param>
/// <param name="All">Number of all keys.</param>
/// <param name="Pages">Number of pages.</param>
public sealed record KeysModel(KeyFilter Filter, IReadOnlyList<KeyRow> Rows, int Count, int All, int Pages);
