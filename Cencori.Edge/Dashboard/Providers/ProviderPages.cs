using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>A project's providers: how they do, and the credentials that it has with them.</summary>
internal static class ProviderPages
{
    private const string ApiKey = "apiKey";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/providers", ListAsync).WithMetadata(new PageCompression());
        pages.MapPost("/p/{slug}/providers/default-model", SetDefaultAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/providers/credential", CredentialAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/credential", StoreAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/providers/delete", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/delete", DeleteAsync).WithMetadata(PageAccess.Members);
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
                page.Actor, page.Project.Id, new() { DefaultModel = NotEmpty(form["default_model"]), DefaultProvider = NotEmpty(form["default_provider"]) }, Expected.Tag(form["tag"]));
            return PageRequest.GoTo(Address(page), "default-model-set");
        }
        catch (RefusedException refused) when (refused.Error.Param is not "If-Match")
        {
            return await ShowListAsync(page, cards, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> CredentialAsync(PageRequest page, ProviderCards cards)
    {
        var query = page.Context.Request.Query;
        var state = new FormState(new Dictionary<string, string?> { ["provider"] = query["provider"], ["environment"] = query["environment"], ["baseUrl"] = null });
        return await ShowCredentialAsync(page, cards, state, StatusCodes.Status200OK);
    }

    private static async Task<IResult> StoreAsync(PageRequest page, ProviderCards cards, ProviderKeyEditor keys)
    {
        var form = await page.FormAsync();
        try
        {
            await keys.StoreAsync(page.Actor, page.Project.Id, new()
            {
                Provider = form["provider"].ToString(),
                ApiKey = NotEmpty(form[ApiKey])?.Trim(),
                Environment = ProviderCards.EnvironmentOf(form["environment"]),
                BaseUrl = NotEmpty(form["baseUrl"])?.Trim(),
            });
            return PageRequest.GoTo(Address(page), "credential-stored");
        }
        catch (RefusedException refused)
        {
            return await ShowCredentialAsync(page, cards, FormState.Refused(form, refused.Error, ApiKey), refused.Error.Status);
        }
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, ProviderCards cards)
    {
        var query = page.Context.Request.Query;
        var (card, slot) = await cards.FindAsync(page.Project.Id, query["provider"], query["environment"], page.Aborted);
        return slot.Key is null
            ? PageRequest.GoTo(Address(page))
            : Page.Show<DeleteCredentialPage, DeleteCredentialModel>(page.Frame($"Delete the credential for {card.Id}?", Section.Providers), new(slot.Key, card.Models));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, ProviderKeyEditor keys)
    {
        var form = await page.FormAsync();
        await keys.DeleteAsync(page.Actor, page.Project.Id, form["provider"].ToString(), ProviderCards.EnvironmentOf(form["environment"]));
        return PageRequest.GoTo(Address(page), "credential-deleted");
    }

    private static async Task<IResult> ShowListAsync(PageRequest page, ProviderCards cards, FormState state, int status)
    {
        var list = await cards.ListAsync(page.Project.Id, page.Aborted);
        var models = list.Cards.Where(card => card.IsInUse).SelectMany(card => card.Models).Distinct().ToList();
        return Page.Show<ProvidersPage, ProvidersModel>(page.Frame("Providers", Section.Providers), new(list.Cards, list.Since, list.IsWhole, state, models), status);
    }

    private static async Task<IResult> ShowCredentialAsync(PageRequest page, ProviderCards cards, FormState state, int status)
    {
        var all = (await cards.ListAsync(page.Project.Id, page.Aborted)).Cards;
        var card = all.Find(card => card.Id == state["provider"]);
        var stored = card?.Slots.Single(slot => slot.Environment == ProviderCards.EnvironmentOf(state["environment"])).Key;
        if (state.Error is null)
        {
            state = state with { Values = new Dictionary<string, string?>(state.Values) { ["baseUrl"] = stored?.BaseUrl } };
        }

        var title = stored is null ? "Add a credential" : $"Replace the credential for {card!.Id}";
        return Page.Show<CredentialPage, CredentialModel>(page.Frame(title, Section.Providers), new([.. all.OrderBy(one => one.Id, StringComparer.Ordinal)], card, stored, state), status);
    }

    private static string Address(PageRequest page) => $"{page.Project.Path}/providers";

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
