using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Agents;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin.Agents;

/// <summary>Endpoints for tool calls of agents in shadow mode: list, read, approve, reject.</summary>
internal static class AgentActionsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/agents/{agentId}/actions", ListAsync);
        projects.MapGet("/{projectId}/agents/{agentId}/actions/{actionId}", GetAsync);
        projects.MapPost("/{projectId}/agents/{agentId}/actions/{actionId}/approve", (HttpContext context, string projectId, string agentId, string actionId, AgentActions actions) =>
            DecideAsync(context, projectId, agentId, actionId, isApproved: true, actions));
        projects.MapPost("/{projectId}/agents/{agentId}/actions/{actionId}/reject", (HttpContext context, string projectId, string agentId, string actionId, AgentActions actions) =>
            DecideAsync(context, projectId, agentId, actionId, isApproved: false, actions));
    }

    private static async Task ListAsync(HttpContext context, string projectId, string agentId, AgentActions actions)
    {
        context.Request.Query.AllowOnly("status");
        ActionStatus? status = context.Request.Query["status"].ToString() switch
        {
            "" => null,
            "pending" => ActionStatus.Pending,
            "approved" => ActionStatus.Approved,
            "rejected" => ActionStatus.Rejected,
            _ => throw new RefusedException(EdgeError.Invalid("status must be 'pending', 'approved' or 'rejected'.", "status")),
        };
        await context.RespondAsync(StatusCodes.Status200OK, new PendingActionsResponse(await actions.ListAsync(projectId, agentId, status, context.RequestAborted)));
    }

    private static async Task GetAsync(HttpContext context, string projectId, string agentId, string actionId, AgentActions actions) =>
        await context.RespondAsync(StatusCodes.Status200OK, await actions.GetAsync(projectId, agentId, actionId, context.RequestAborted));

    private static async Task DecideAsync(HttpContext context, string projectId, string agentId, string actionId, bool isApproved, AgentActions actions)
    {
        var body = await context.ReadBodyIfAnyAsync<Decision>();
        await context.RespondAsync(StatusCodes.Status200OK, await actions.DecideAsync(AuditActor.Of(context), projectId, agentId, actionId, isApproved, body));
    }

    private sealed record PendingActionsResponse(List<PendingActionView> Data);
}
