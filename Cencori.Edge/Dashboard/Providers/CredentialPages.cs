using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Providers;

/// <summary>The pages of a project's provider credentials: store, replace, change without the secret, delete.</summary>
internal static class CredentialPages
{
    private const string ApiKey = "apiKey";
    private const string Replaces = "replaces";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/providers/credential", CredentialAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/credential", StoreAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/providers/edit", EditAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/edit", ChangeAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/providers/delete", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/providers/delete", DeleteAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> CredentialAsync(PageRequest page, ProviderCards cards)
    {
        var query = page.Context.Request.Query;
        var values = new Dictionary<string, string?> { ["provider"] = query["provider"], ["environment"] = query["environment"] };
        if (query["id"].Count > 0 || (query["provider"].Count > 0 && !query.ContainsKey("another")))
        {
            var (card, slot, key) = await cards.FindAsync(page.Project.Id, name => query[name], page.Aborted);
            values = new() { ["provider"] = card.Id, ["environment"] = slot.Name.ToLowerInvariant(), [Replaces] = key?.Id, ["name"] = key?.Name, ["baseUrl"] = key?.BaseUrl };
        }

        return await ShowCredentialAsync(page, cards, new(values), StatusCodes.Status200OK);
    }

    private static async Task<IResult> StoreAsync(PageRequest page, ProviderCards cards, ProviderKeyEditor keys)
    {
        var form = await page.FormAsync();
        try
        {
            var body = new NewProviderKey
            {
                Provider = form["provider"].ToString(),
                ApiKey = NotEmpty(form[ApiKey]),
                Environment = ProviderCards.EnvironmentOf(form["environment"]),
                BaseUrl = NotEmpty(form["baseUrl"]),
                Name = NotEmpty(form["name"]),
            };
            var isNew = string.IsNullOrEmpty(form[Replaces]);
            await keys.StoreAsync(page.Actor, page.Project.Id, isNew ? CredentialForm.Complete(body, form) : body, isNew);
            return PageRequest.RedirectTo(Address(page), "credential-stored");
        }
        catch (RefusedException refused)
        {
            return await ShowCredentialAsync(page, cards, FormState.Refused(form, refused.Error, ApiKey), refused.Error.Status);
        }
    }

    private static async Task<IResult> EditAsync(PageRequest page, ProviderKeyEditor keys)
    {
        var query = page.Context.Request.Query;
        var (id, provider) = (query["id"].ToString(), query["provider"].ToString());
        if (id.Length == 0 && provider.Length == 0)
        {
            return PageRequest.RedirectTo(Address(page));
        }

        var key = await keys.GetAsync(page.Project.Id, id.Length > 0 ? CredentialRef.OfId(id) : new(provider, ProviderCards.EnvironmentOf(query["environment"]), NotEmpty(query["name"])));
        return ShowEdit(page, key.Value, CredentialForm.Of(key), StatusCodes.Status200OK);
    }

    private static async Task<IResult> ChangeAsync(PageRequest page, ProviderKeyEditor keys)
    {
        var form = await page.FormAsync();
        var credential = CredentialRef.OfId(form["id"].ToString());
        try
        {
            await keys.ChangeAsync(page.Actor, page.Project.Id, credential, CredentialForm.ReadChange(form), Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo(Address(page), "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            var stored = await keys.GetAsync(page.Project.Id, credential);
            return ShowEdit(page, stored.Value, FormConflict.Refused(form, refused.Error, stored.Tag), refused.Error.Status);
        }
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, ProviderCards cards)
    {
        var (card, slot, key) = await cards.FindAsync(page.Project.Id, name => page.Context.Request.Query[name], page.Aborted);
        return key is null
            ? PageRequest.RedirectTo(Address(page))
            : Page.Show<DeleteCredentialPage, DeleteCredentialModel>(page.Frame($"Delete the credential for {card.Id}?", Section.Providers), new(key, slot.Keys.Count == 1, card.Models));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, ProviderKeyEditor keys)
    {
        var form = await page.FormAsync();
        await keys.DeleteAsync(page.Actor, page.Project.Id, CredentialRef.OfId(form["id"].ToString()), Precondition.Anything);
        return PageRequest.RedirectTo(Address(page), "credential-deleted");
    }

    private static async Task<IResult> ShowCredentialAsync(PageRequest page, ProviderCards cards, FormState state, int status)
    {
        var all = (await cards.ListAsync(page.Project.Id, page.Aborted)).Cards;
        var card = all.Find(card => card.Id == state["provider"]);
        var slot = card?.Slots.Single(slot => slot.Environment == ProviderCards.EnvironmentOf(state["environment"]));
        var stored = slot?.Keys.FirstOrDefault(key => key.Id == state[Replaces]);
        var title = stored is not null ? $"Replace the credential for {card!.Id}" : slot is { Keys.Count: > 0 } ? $"Add another credential for {card!.Id}" : "Add a credential";
        return Page.Show<CredentialPage, CredentialModel>(
            page.Frame(title, Section.Providers), new([.. all.OrderBy(one => one.Id, StringComparer.Ordinal)], card, stored, stored is null && slot is { Keys.Count: > 0 }, state), status);
    }

    private static IResult ShowEdit(PageRequest page, ProviderKeyView key, FormState state, int status) =>
        Page.Show<EditCredentialPage, EditCredentialModel>(page.Frame($"Credential for {key.Provider}", Section.Providers), new(key, state), status);

    private static string Address(PageRequest page) => $"{page.Project.Path}/providers";

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
