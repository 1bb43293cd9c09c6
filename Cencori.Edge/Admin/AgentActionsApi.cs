using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Agents;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>Tool calls of agents in shadow mode: what waits, and somebody's decision.</summary>
public static class AgentActionsApi
{
    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such action of this agent.");

    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/agents/{agentId}/actions", ListAsync);
        projects.MapGet("/{projectId}/agents/{agentId}/actions/{actionId}", GetAsync);
        projects.MapPost("/{projectId}/agents/{agentId}/actions/{actionId}/approve",
            (HttpContext context, string projectId, string agentId, string actionId, Changes changes, PendingActions actions, TimeProvider time) =>
                DecideAsync(context, projectId, agentId, actionId, isApproved: true, changes, actions, time));
        projects.MapPost("/{projectId}/agents/{agentId}/actions/{actionId}/reject",
            (HttpContext context, string projectId, string agentId, string actionId, Changes changes, PendingActions actions, TimeProvider time) =>
                DecideAsync(context, projectId, agentId, actionId, isApproved: false, changes, actions, time));
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
            await context.AnswerAsync(StatusCodes.Status200OK, new PendingActionsAnswer(rows.ConvertAll(row => PendingActionView.Of(row, actions.StatusOf(row)).Shortened())));
        }
    }

    // With its arguments as a whole.
    private static async Task GetAsync(HttpContext context, string projectId, string agentId, string actionId, IDbContextFactory<EdgeDbContext> contexts, PendingActions actions)
    {
        if (!await ExistsAsync(context, projectId, agentId, contexts))
        {
            return;
        }

        var found = await actions.FindAsync(projectId, agentId, [actionId], context.RequestAborted);
        await (found is [var action] ? context.AnswerAsync(StatusCodes.Status200OK, PendingActionView.Of(action, actions.StatusOf(action))) : context.Refuse(NotFound));
    }

    // One after another, as all changes to a project: of several who decide at the same moment, on whatever edge, one does.
    private static async Task DecideAsync(HttpContext context, string projectId, string agentId, string actionId, bool isApproved, Changes changes, PendingActions actions, TimeProvider time)
    {
        var body = await context.ReadBodyIfAnyAsync<Decision>();
        if (body is null)
        {
            return;
        }

        if (body.Check() is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var decided = await changes.MakeToProjectAsync(context, projectId, async (database, _) =>
        {
            if (await AgentEditor.FindAsync(context, database, projectId, agentId) is null)
            {
                return null;
            }

            var action = await database.PendingActions.SingleOrDefaultAsync(row => row.Id == actionId && row.AgentId == agentId);
            if (action is null || actions.StatusOf(action) != ActionStatus.Pending)
            {
                await context.Refuse(action is null ? NotFound : AlreadyOver(action));
                return null;
            }

            // As it is stored, so that it is told as it will be read.
            (action.IsApproved, action.DecidedAt) = (isApproved, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()));
            action.DecidedBy = body.DecidedBy ?? AuditActor.Of(context).Name;
            return action;
        });
        if (decided is not null)
        {
            await context.AnswerAsync(StatusCodes.Status200OK, PendingActionView.Of(decided, actions.StatusOf(decided)));
        }
    }

    private static EdgeError AlreadyOver(PendingActionRecord action) => new(ErrorKind.Conflict, action.IsApproved is null
        ? "The action has expired, and counts as rejected."
        : $"The action has been {(action.IsApproved.Value ? "approved" : "rejected")} already.");

    private static async Task<bool> ExistsAsync(HttpContext context, string projectId, string agentId, IDbContextFactory<EdgeDbContext> contexts)
    {
        await using var database = await contexts.CreateDbContextAsync();
        return await AgentEditor.FindAsync(context, database, projectId, agentId) is not null;
    }
}
