using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Agents;

/// <summary>Tool calls of agents in shadow mode: their details, and the decision to approve or reject.</summary>
internal static class ActionPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        // Viewers may not see what models write. The arguments of a tool call are such text.
        pages.MapGet("/p/{slug}/agents/{id}/actions/{action}", GetAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/agents/{id}/actions/{action}/approve", (PageRequest page, string id, string action, AgentEditor agents, AgentActions actions) =>
            DecideAsync(page, id, action, isApproved: true, agents, actions)).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/agents/{id}/actions/{action}/reject", (PageRequest page, string id, string action, AgentEditor agents, AgentActions actions) =>
            DecideAsync(page, id, action, isApproved: false, agents, actions)).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> GetAsync(PageRequest page, string id, string action, AgentEditor agents, AgentActions actions) =>
        await ShowAsync(page, id, action, agents, actions, FormState.Empty, StatusCodes.Status200OK);

    private static async Task<IResult> DecideAsync(PageRequest page, string id, string action, bool isApproved, AgentEditor agents, AgentActions actions)
    {
        var form = await page.FormAsync();
        try
        {
            await actions.DecideAsync(page.Actor, page.Project.Id, id, action, isApproved, new() { DecidedBy = Bounded(page.User.Name), Reason = form["reason"] });
            return PageRequest.RedirectTo(AgentPages.Address(page, id), isApproved ? "action-approved" : "action-rejected");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            // Another user may have decided about this tool call meanwhile. The page then shows that decision.
            return await ShowAsync(page, id, action, agents, actions, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> ShowAsync(PageRequest page, string id, string action, AgentEditor agents, AgentActions actions, FormState state, int status)
    {
        var agent = await agents.GetAsync(page.Project.Id, id);
        var shown = await actions.GetAsync(page.Project.Id, id, action, page.Aborted);
        return Page.Show<ActionPage, ActionModel>(page.Frame($"Tool call {shown.Tool}", Section.Agents), new(agent.Value, shown, state), status);
    }

    // Removes control characters and cuts the name: names of users come from the sign-in provider and may contain anything.
    private static string? Bounded(string name)
    {
        var plain = string.Concat(name.Where(c => !char.IsControl(c)).Take(100)).Trim();
        return plain.Length == 0 ? null : plain;
    }
}
