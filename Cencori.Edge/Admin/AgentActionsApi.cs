using Cencori.Edge.Agents;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Tool calls of agents in shadow mode: what waits, and somebody's decision.</summary>
public static class AgentActionsApi
{
    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such action of this agent.");

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/agents/{agentId}/actions", ListAsync);
        projects.MapPost("/{projectId}/agents/{agentId}/actions/{actionId}/approve",
            (HttpContext context, string projectId, string agentId, string actionId, IDbContextFactory<EdgeDbContext> contexts, PendingActions actions) =>
                DecideAsync(context, projectId, agentId, actionId, isApproved: true, contexts, actions));
        projects.MapPost("/{projectId}/agents/{agentId}/actions/{actionId}/reject",
            (HttpContext context, string projectId, string agentId, string actionId, IDbContextFactory<EdgeDbContext> contexts, PendingActions actions) =>
                DecideAsync(context, projectId, agentId, actionId, isApproved: false, contexts, actions));
    }

    private static async Task ListAsync(HttpContext context, string projectId, string agentId, IDbContextFactory<EdgeDbContext> contexts, PendingActions actions)
    {
        if (context.Request.Query.Keys.FirstOrDefault(name => name != "status") is { } unknown)
        {
            await context.Refuse(EdgeError.Invalid($"Unknown parameter '{unknown}'.", unknown));
            return;
        }

        ActionStatus? status = context.Request.Query["status"].ToString() switch
        {
            "" => null,
            "pending" => ActionStatus.Pending,
            "approved" => ActionStatus.Approved,
            "rejected" => ActionStatus.Rejected,
            _ => (ActionStatus)(-1),
        };
        if (status is { } wanted && !Enum.IsDefined(wanted))
        {
            await context.Refuse(EdgeError.Invalid("status is 'pending', 'approved' or 'rejected'.", "status"));
            return;
        }

        if (await ExistsAsync(context, projectId, agentId, contexts))
        {
            var rows = await actions.ListAsync(projectId, agentId, status, context.RequestAborted);
            await context.AnswerAsync(StatusCodes.Status200OK, new PendingActionsAnswer(rows.ConvertAll(row => PendingActionView.Of(row, actions.StatusOf(row)))));
        }
    }

    private static async Task DecideAsync(
        HttpContext context, string projectId, string agentId, string actionId, bool isApproved, IDbContextFactory<EdgeDbContext> contexts, PendingActions actions)
    {
        var body = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true ? await context.ReadBodyAsync<Decision>() : new Decision();
        if (body is null)
        {
            return;
        }

        if (body.Check() is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        if (!await ExistsAsync(context, projectId, agentId, contexts))
        {
            return;
        }

        if (await actions.DecideAsync(projectId, agentId, actionId, isApproved, body.DecidedBy, context.RequestAborted) is not var (action, hasDecided))
        {
            await context.Refuse(NotFound);
            return;
        }

        if (!hasDecided)
        {
            await context.Refuse(new EdgeError(ErrorKind.Conflict, action.IsApproved is null
                ? "The action has expired, and counts as rejected."
                : $"The action has been {(action.IsApproved.Value ? "approved" : "rejected")} already."));
            return;
        }

        await context.AnswerAsync(StatusCodes.Status200OK, PendingActionView.Of(action, actions.StatusOf(action)));
    }

    private static async Task<bool> ExistsAsync(HttpContext context, string projectId, string agentId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await AgentEditor.FindAsync(context, database, projectId, agentId) is not null;
    }
}
