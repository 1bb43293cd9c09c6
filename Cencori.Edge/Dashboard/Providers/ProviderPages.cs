using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>The page of all providers: their state for a project, and the project's credentials.</summary>
internal static class ProviderPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/providers", ListAsync).WithMetadata(new PageCompression());
        pages.MapPost("/p/{slug}/providers/default-model", SetDefaultAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/reset", ResetAsync).WithMetadata(PageAccess.Members);
        CredentialPages.Map(pages);
        ProviderTestPages.Map(pages);
    }

    private static async Task<IResult> ListAsync(PageRequest page, ProviderCards cards, ProjectEditor projects)
    {
        var project = await projects.GetAsync(page.Project.Id);
        var state = new FormState(new Dictionary<string, string?> { ["default_model"] = project.Value.DefaultModel, ["default_provider"] = project.Value.DefaultProvider, ["tag"] = project.Tag });
        return await ShowListAsync(page, cards, state, StatusCodes.Status200OK);
    }

    private static async Task<IResult> SetDefaultAsync(PageRequest page, ProviderCards cards, ProjectEditor projects)
    {
        var form = await page.FormAsync();
        try
        {
            await projects.ChangeAsync(
                page.Actor, page.Project.Id, new() { DefaultModel = NotEmpty(form["default_model"]), DefaultProvider = NotEmpty(form["default_provider"]) }, Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo(Address(page), "default-model-set");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            return await ShowListAsync(page, cards, FormConflict.Refused(form, refused.Error, (await projects.GetAsync(page.Project.Id)).Tag), refused.Error.Status);
        }
    }

    private static async Task<IResult> ResetAsync(PageRequest page, TargetStatusService targets)
    {
        var form = await page.FormAsync();
        await targets.ResetAsync(page.Actor, page.Project.Id, form["id"].ToString());
        return PageRequest.RedirectTo(Address(page), "target-reset");
    }

    private static async Task<IResult> ShowListAsync(PageRequest page, ProviderCards cards, FormState state, int status)
    {
        var list = await cards.ListAsync(page.Project.Id, page.Aborted);
        var models = list.Cards.Where(card => card.IsInUse).SelectMany(card => card.Models).Distinct().ToList();
        return Page.Show<ProvidersPage, ProvidersModel>(page.Frame("Providers", Section.Providers) with { RefreshAddress = Address(page) }, new(list.Cards, list.Since, list.IsComplete, state, models), status);
    }

    private static string Address(PageRequest page) => $"{page.Project.Path}/providers";

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
