using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Agents;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Agents;

/// <summary>Tool calls of agents in shadow mode: what waits, and somebody's decision.</summary>
internal sealed class AgentActions(IDbContextFactory<EdgeDbContext> contexts, Changes changes, PendingActions actions, TimeProvider time)
{
    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such action of this agent.");

    /// <summary>The newest first, each with the beginning of its arguments.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="agentId">Of this project.</param>
    /// <param name="status">Null: all of them.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    public async Task<List<PendingActionView>> ListAsync(string projectId, string agentId, ActionStatus? status, CancellationToken cancellation)
    {
        await CheckAgentAsync(projectId, agentId, cancellation);
        var rows = await actions.ListAsync(projectId, agentId, status, cancellation);
        return rows.ConvertAll(row => View(row).Shortened());
    }

    /// <summary>How many wait, by the id of the agent.</summary>
    public Task<Dictionary<string, int>> CountPendingAsync(string projectId, CancellationToken cancellation) => actions.CountAsync(projectId, cancellation);

    /// <summary>With its arguments as a whole.</summary>
    public async Task<PendingActionView> GetAsync(string projectId, string agentId, string actionId, CancellationToken cancellation)
    {
        await CheckAgentAsync(projectId, agentId, cancellation);
        return await actions.FindAsync(projectId, agentId, [actionId], cancellation) is [var action] ? View(action) : throw new RefusedException(NotFound);
    }

    /// <summary>One after another, as all changes to a project: of several who decide at the same moment, on whatever edge, one does.</summary>
    public async Task<PendingActionView> DecideAsync(AuditActor actor, string projectId, string agentId, string actionId, bool isApproved, Decision body)
    {
        body.Check().ThrowIfAny();
        return View(await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            await AgentEditor.FindAsync(database, projectId, agentId);
            var action = await database.PendingActions.SingleOrDefaultAsync(row => row.Id == actionId && row.AgentId == agentId) ?? throw new RefusedException(NotFound);
            if (actions.StatusOf(action) != ActionStatus.Pending)
            {
                throw new RefusedException(AlreadyOver(action));
            }

            // As it is stored, so that it is told as it will be read.
            (action.IsApproved, action.DecidedAt) = (isApproved, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()));
            (action.DecidedBy, action.Reason) = (body.DecidedBy ?? actor.Name, string.IsNullOrWhiteSpace(body.Reason) ? null : body.Reason);
            return action;
        }));
    }

    private static EdgeError AlreadyOver(PendingActionRecord action) => new(ErrorKind.Conflict, action.IsApproved is null
        ? "The action has expired, and counts as rejected."
        : $"The action has been {(action.IsApproved.Value ? "approved" : "rejected")} already.");

    private PendingActionView View(PendingActionRecord action) => PendingActionView.Of(action, actions.StatusOf(action));

    private async Task CheckAgentAsync(string projectId, string agentId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await AgentEditor.FindAsync(database, projectId, agentId);
    }
}
