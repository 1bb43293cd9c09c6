using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Agents;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Agents;

/// <summary>A project's agents: list, create, change, delete.</summary>
internal static class AgentPages
{
    private const int MaxDecided = 50;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/agents", ListAsync);
        pages.MapGet("/p/{slug}/agents/new", (PageRequest page) => ShowForm(page, null, AgentForm.New, StatusCodes.Status200OK)).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/agents", CreateAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/agents/{id}", GetAsync);
        pages.MapGet("/p/{slug}/agents/{id}/edit", EditAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/agents/{id}", ChangeAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/agents/{id}/switch", SwitchAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/agents/{id}/delete", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/agents/{id}/delete", DeleteAsync).WithMetadata(PageAccess.Members);
        ActionPages.Map(pages);
    }

    public static string Address(PageRequest page, string? id = null) => $"{page.Project.Path}/agents{(id is null ? "" : "/" + Uri.EscapeDataString(id))}";

    private static async Task<IResult> ListAsync(PageRequest page, AgentEditor agents, AgentActions actions, ApiKeyEditor keys, TimeProvider time)
    {
        var all = await agents.ListAsync(page.Project.Id);
        var waiting = await actions.CountPendingAsync(page.Project.Id, page.Aborted);
        var ofAgents = (await keys.ListAsync(page.Project.Id)).Where(key => key.AgentId is not null).ToLookup(key => key.AgentId!);
        var rows = all.ConvertAll(agent => new AgentRow(
            agent, waiting.GetValueOrDefault(agent.Id), ofAgents[agent.Id].Count(key => IsGood(key, time)), ofAgents[agent.Id].Max(key => key.LastUsedAt)));
        return Page.Show<AgentsPage, AgentsModel>(page.Frame("Agents", Section.Agents), new(rows));
    }

    private static async Task<IResult> CreateAsync(PageRequest page, AgentEditor agents)
    {
        var form = await page.FormAsync();
        try
        {
            var created = await agents.CreateAsync(page.Actor, page.Project.Id, AgentForm.ToNew(form));
            return PageRequest.RedirectTo(Address(page, created.Value.Id), "agent-created");
        }
        catch (RefusedException refused)
        {
            return ShowForm(page, null, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> GetAsync(PageRequest page, string id, AgentEditor agents, AgentActions actions, ApiKeyEditor keys)
    {
        var agent = await agents.GetAsync(page.Project.Id, id);
        var all = await actions.ListAsync(page.Project.Id, id, status: null, page.Aborted);
        var ofAgent = (await keys.ListAsync(page.Project.Id)).FindAll(key => key.AgentId == id);
        var model = new AgentModel(
            agent.Value, all.FindAll(action => action.Status == ActionStatus.Pending), [.. all.Where(action => action.Status != ActionStatus.Pending).Take(MaxDecided)], ofAgent, agent.Tag);
        return Page.Show<AgentPage, AgentModel>(page.Frame(agent.Value.Name, Section.Agents), model);
    }

    private static async Task<IResult> EditAsync(PageRequest page, string id, AgentEditor agents) =>
        ShowForm(page, id, AgentForm.Of(await agents.GetAsync(page.Project.Id, id)), StatusCodes.Status200OK);

    private static async Task<IResult> ChangeAsync(PageRequest page, string id, AgentEditor agents)
    {
        var form = await page.FormAsync();
        try
        {
            await agents.ChangeAsync(page.Actor, page.Project.Id, id, AgentForm.ToChange(form), Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo(Address(page, id), "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            return ShowForm(page, id, FormConflict.Refused(form, refused.Error, (await agents.GetAsync(page.Project.Id, id)).Tag), refused.Error.Status);
        }
    }

    private static async Task<IResult> SwitchAsync(PageRequest page, string id, AgentEditor agents)
    {
        var form = await page.FormAsync();
        bool? active = form.ContainsKey("is_active") ? form["is_active"] == "true" : null;
        bool? shadow = form.ContainsKey("shadow_mode") ? form["shadow_mode"] == "true" : null;
        await agents.ChangeAsync(page.Actor, page.Project.Id, id, new() { IsActive = active, ShadowMode = shadow }, Precondition.Tag(form["tag"]));
        return PageRequest.RedirectTo(Address(page, id), "saved");
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, string id, AgentEditor agents, AgentActions actions, ApiKeyEditor keys, TimeProvider time)
    {
        var agent = await agents.GetAsync(page.Project.Id, id);
        var waiting = (await actions.CountPendingAsync(page.Project.Id, page.Aborted)).GetValueOrDefault(id);
        var good = (await keys.ListAsync(page.Project.Id)).Count(key => key.AgentId == id && IsGood(key, time));
        return Page.Show<DeleteAgentPage, DeleteAgentModel>(page.Frame($"Delete the agent {agent.Value.Name}?", Section.Agents), new(agent.Value, good, waiting, agent.Tag));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, string id, AgentEditor agents)
    {
        var form = await page.FormAsync();
        await agents.DeleteAsync(page.Actor, page.Project.Id, id, Precondition.Tag(form["tag"]));
        return PageRequest.RedirectTo(Address(page), "agent-deleted");
    }

    private static IResult ShowForm(PageRequest page, string? id, FormState state, int status) =>
        Page.Show<AgentFormPage, AgentFormModel>(page.Frame(id is null ? "New agent" : $"Edit {state["name"]}", Section.Agents), new(id, state), status);

    private static bool IsGood(ApiKeyView key, TimeProvider time) => !key.Revoked && !(key.ExpiresAt <= time.GetUtcNow());
}
