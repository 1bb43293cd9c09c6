using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Agents;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Agents;

/// <summary>Lists the recorded tool calls (actions) of agents in shadow mode, and records decisions on them.</summary>
internal sealed class AgentActions(IDbContextFactory<EdgeDbContext> contexts, Changes changes, PendingActions actions, TimeProvider time)
{
    private static readonly EdgeError NotFound = new(ErrorKind.NotFound, "There is no such action of this agent.");

    /// <summary>Lists actions, newest first. Arguments are shortened.</summary>
    /// <param name="projectId">Project id.</param>
    /// <param name="agentId">Agent id.</param>
    /// <param name="status">Only actions with this status. Null: actions with any status.</param>
    /// <param name="cancellation">Cancels the read.</param>
    public async Task<List<PendingActionView>> ListAsync(string projectId, string agentId, ActionStatus? status, CancellationToken cancellation)
    {
        await CheckAgentAsync(projectId, agentId, cancellation);
        var rows = await actions.ListAsync(projectId, agentId, status, cancellation);
        return rows.ConvertAll(row => View(row).Shortened());
    }

    /// <summary>Counts the pending actions of each agent, by agent id.</summary>
    public Task<Dictionary<string, int>> CountPendingAsync(string projectId, CancellationToken cancellation) => actions.CountAsync(projectId, cancellation);

    /// <summary>Returns one action with its full arguments.</summary>
    public async Task<PendingActionView> GetAsync(string projectId, string agentId, string actionId, CancellationToken cancellation)
    {
        await CheckAgentAsync(projectId, agentId, cancellation);
        return await actions.FindAsync(projectId, agentId, [actionId], cancellation) is [var action] ? View(action) : throw new RefusedException(NotFound);
    }

    /// <summary>
    /// Approves or rejects an action. Changes of a project run one at a time. So only one of several concurrent decisions succeeds, also on different edges.
    /// </summary>
    public async Task<PendingActionView> DecideAsync(AuditActor actor, string projectId, string agentId, string actionId, bool isApproved, Decision body)
    {
        body.Check().ThrowIfAny();
        return View(await changes.MakeToProjectAsync(actor, projectId, async (database, _) =>
        {
            await AgentEditor.FindAsync(database, projectId, agentId);
            var action = await database.PendingActions.SingleOrDefaultAsync(row => row.Id == actionId && row.AgentId == agentId) ?? throw new RefusedException(NotFound);
            if (actions.StatusOf(action) != ActionStatus.Pending)
            {
                throw new RefusedException(AlreadyDecided(action));
            }

            // The time has only milliseconds, like the database, so that this response and later reads show the same time.
            (action.IsApproved, action.DecidedAt) = (isApproved, DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds()));
            (action.DecidedBy, action.Reason) = (body.DecidedBy ?? actor.Name, string.IsNullOrWhiteSpace(body.Reason) ? null : body.Reason);
            return action;
        }));
    }

    private static EdgeError AlreadyDecided(PendingActionRecord action) => new(ErrorKind.Conflict, action.IsApproved is null
        ? "The action has expired, and counts as rejected."
        : $"The action has been {(action.IsApproved.Value ? "approved" : "rejected")} already.");

    private PendingActionView View(PendingActionRecord action) => PendingActionView.Of(action, actions.StatusOf(action));

    private async Task CheckAgentAsync(string projectId, string agentId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await AgentEditor.FindAsync(database, projectId, agentId);
    }
}
