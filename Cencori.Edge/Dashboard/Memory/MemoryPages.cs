using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Memory;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Memory;

/// <summary>The pages of a project's memory: namespaces and their entries. Entries may contain texts of callers, so viewers see only numbers.</summary>
internal static class MemoryPages
{
    private const string Root = "/p/{slug}/memory";
    private const string One = Root + "/{id}";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(Root, ListAsync);
        pages.MapGet(Root + "/new", (PageRequest page, AgentEditor agents) => ShowFormAsync(page, agents, MemoryForms.NewNamespace(page.Environment ?? KeyEnvironment.Production))).WithMetadata(PageAccess.Members);
        pages.MapPost(Root, CreateAsync).WithMetadata(PageAccess.Members);
        pages.MapGet(One, (PageRequest page, string id, MemoryAdminService memories, MemoryGrowth growth, AgentEditor agents) => ShowAsync(page, id, memories, growth, agents)).WithMetadata(new PageCompression());
        pages.MapPost(One, SearchAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
        pages.MapPost(One + "/reembed", ReembedAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
        pages.MapPost(One + "/reembed/end", EndReembeddingAsync).WithMetadata(PageAccess.Members);
        pages.MapGet(One + "/delete", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(One + "/delete", DeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapGet(One + "/entries/{entry}", ShowEntryAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(One + "/entries/delete", DeleteEntryAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> ListAsync(PageRequest page, MemoryAdminService memories, MemoryGrowth growth, AgentEditor agents, PublicAddress address)
    {
        var environment = page.Environment ?? KeyEnvironment.Production;
        var other = environment == KeyEnvironment.Test ? KeyEnvironment.Production : KeyEnvironment.Test;
        var all = await memories.ListAsync(page.Project.Id, environment, page.Aborted);
        var model = all.Count == 0
            ? new NamespacesModel(environment, all, new Dictionary<string, string>(), [], (await memories.ListAsync(page.Project.Id, other, page.Aborted)).Count, address.Of(page.Context.Request))
            : new NamespacesModel(environment, all, await NamesAsync(page, agents), await GrowthAsync(page, growth, environment), 0, address.Of(page.Context.Request));
        return Page.Show<NamespacesPage, NamespacesModel>(page.Frame("Memory", Section.Memory), model);
    }

    private static async Task<IResult> CreateAsync(PageRequest page, MemoryAdminService memories, AgentEditor agents)
    {
        var form = await page.FormAsync();
        try
        {
            return PageRequest.RedirectTo(Address(page, await memories.CreateAsync(page.Actor, page.Project.Id, MemoryForms.EnvironmentOf(form), MemoryForms.NamespaceOf(form))), "namespace-created");
        }
        catch (RefusedException refused)
        {
            return await ShowFormAsync(page, agents, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> SearchAsync(PageRequest page, string id, MemoryAdminService memories, MemoryGrowth growth, AgentEditor agents)
    {
        var form = await page.FormAsync();
        try
        {
            // Throws a 404 when the namespace does not exist.
            await memories.GetAsync(page.Project.Id, id, page.Aborted);
            var found = await memories.SearchAsync(page.Project.Id, id, MemoryForms.SearchOf(form), page.Aborted);
            return await ShowAsync(page, id, memories, growth, agents, model => model with { Search = MemoryForms.Sent(form), Found = found });
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            return await ShowAsync(page, id, memories, growth, agents, model => model with { Search = MemoryForms.RefusedSearch(form, refused.Error) }, refused.Error.Status);
        }
    }

    private static async Task<IResult> ReembedAsync(PageRequest page, string id, MemoryAdminService memories, MemoryGrowth growth, AgentEditor agents)
    {
        var form = await page.FormAsync();
        try
        {
            await memories.ReembedAsync(page.Actor, page.Project.Id, id, MemoryForms.ModelOf(form), page.Aborted);
            return PageRequest.RedirectTo(Address(page, id), "reembedding");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            return await ShowAsync(page, id, memories, growth, agents, model => model with { Reembed = MemoryForms.RefusedModel(form, refused.Error) }, refused.Error.Status);
        }
    }

    private static async Task<IResult> EndReembeddingAsync(PageRequest page, string id, MemoryAdminService memories)
    {
        await memories.ReembedAsync(page.Actor, page.Project.Id, id, body: null, page.Aborted);
        return PageRequest.RedirectTo(Address(page, id), "reembedding-ended");
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, string id, MemoryAdminService memories, AgentEditor agents)
    {
        var space = (await memories.GetAsync(page.Project.Id, id, page.Aborted)).View;
        var users = (await agents.ListAsync(page.Project.Id)).FindAll(agent => agent.Config.Memory?.Namespace is { } used && (used == space.Name || used == space.Id));
        return Page.Show<DeleteNamespacePage, DeleteNamespaceModel>(page.Frame($"Delete the namespace {SafeText.Of(space.Name, 60)}?", Section.Memory), new(space, users.ConvertAll(agent => agent.Name)));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, string id, MemoryAdminService memories)
    {
        var space = (await memories.GetAsync(page.Project.Id, id, page.Aborted)).View;
        await memories.DeleteAsync(page.Actor, page.Project.Id, id, page.Aborted);
        return PageRequest.RedirectTo($"{page.Project.Path}/memory?env={MemoryForms.EnvironmentName(space.Environment)}", "namespace-deleted");
    }

    private static async Task<IResult> ShowEntryAsync(PageRequest page, string id, string entry, MemoryAdminService memories)
    {
        var space = (await memories.GetAsync(page.Project.Id, id, page.Aborted)).View;
        return Page.Show<EntryPage, EntryModel>(page.Frame($"An entry of {SafeText.Of(space.Name, 60)}", Section.Memory), new(space, await memories.EntryAsync(page.Project.Id, id, entry, page.Aborted)));
    }

    private static async Task<IResult> DeleteEntryAsync(PageRequest page, string id, MemoryAdminService memories)
    {
        var form = await page.FormAsync();
        await memories.DeleteEntryAsync(page.Actor, page.Project.Id, id, form["entry"].ToString(), page.Aborted);
        return PageRequest.RedirectTo(Address(page, id), "entry-deleted");
    }

    private static async Task<IResult> ShowAsync(
        PageRequest page, string id, MemoryAdminService memories, MemoryGrowth growth, AgentEditor agents, Func<NamespaceModel, NamespaceModel>? more = null, int status = StatusCodes.Status200OK)
    {
        var space = await memories.GetAsync(page.Project.Id, id, page.Aborted);
        var name = space.View.AgentId is { } agent ? (await NamesAsync(page, agents)).GetValueOrDefault(agent, agent) : null;
        var before = page.Context.Request.Query["before"].ToString();
        var model = new NamespaceModel(space, name, await GrowthAsync(page, growth, space.View.Environment, id))
        {
            Entries = page.User.May(UserRole.Member) ? await memories.EntriesAsync(page.Project.Id, id, before, page.Aborted) : null,
            HasNewer = before.Length > 0,
            Search = MemoryForms.Search,
        };
        return Page.Show<NamespacePage, NamespaceModel>(page.Frame(space.View.Name, Section.Memory) with { RefreshAddress = Address(page, id) }, more is null ? model : more(model), status);
    }

    private static async Task<IResult> ShowFormAsync(PageRequest page, AgentEditor agents, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<NewNamespacePage, NewNamespaceModel>(page.Frame("New namespace", Section.Memory), new(state, await NamesAsync(page, agents)), status);

    private static string Address(PageRequest page, string id) => $"{page.Project.Path}/memory/{Uri.EscapeDataString(id)}";

    private static async Task<Dictionary<string, string>> NamesAsync(PageRequest page, AgentEditor agents) =>
        (await agents.ListAsync(page.Project.Id)).ToDictionary(agent => agent.Id, agent => agent.Name, StringComparer.Ordinal);

    // Null when the database is busy: the page can be shown without these numbers.
    private static async Task<IReadOnlyList<int>?> GrowthAsync(PageRequest page, MemoryGrowth growth, KeyEnvironment environment, string? id = null)
    {
        try
        {
            return await growth.ReadAsync(page.Project.Id, environment, id, page.Aborted);
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }
}
