using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Agents;

/// <param name="Agents">Oldest first.</param>
public sealed record AgentsModel(IReadOnlyList<AgentRow> Agents);

/// <param name="Agent">The agent.</param>
/// <param name="Waiting">Number of tool calls that wait for a decision.</param>
/// <param name="Keys">Number of active keys.</param>
/// <param name="LastUsedAt">When a key of the agent was last used; null: never.</param>
public sealed record AgentRow(AgentView Agent, int Waiting, int Keys, DateTimeOffset? LastUsedAt);

/// <param name="AgentId">The agent to change; null: a new agent.</param>
/// <param name="State">The form's state.</param>
public sealed record AgentFormModel(string? AgentId, FormState State);

/// <param name="Agent">The agent.</param>
/// <param name="Pending">Tool calls that wait for a decision, newest first.</param>
/// <param name="Decided">Tool calls that were decided, newest first.</param>
/// <param name="Keys">The agent's keys.</param>
/// <param name="Tag">The agent's ETag, for the form that changes "active" and "shadow mode".</param>
public sealed record AgentModel(AgentView Agent, IReadOnlyList<PendingActionView> Pending, IReadOnlyList<PendingActionView> Decided, IReadOnlyList<Admin.Keys.ApiKeyView> Keys, string Tag);

/// <param name="Agent">The agent that made the tool call.</param>
/// <param name="Action">The tool call with all arguments.</param>
/// <param name="State">The state of the decision form.</param>
public sealed record ActionModel(AgentView Agent, PendingActionView Action, FormState State);

/// <param name="Agent">The agent.</param>
/// <param name="Keys">Number of keys that stop working with the agent.</param>
/// <param name="Waiting">Number of pending tool calls that are deleted with the agent.</param>
/// <param name="Tag">The agent's ETag.</param>
public sealed record DeleteAgentModel(AgentView Agent, int Keys, int Waiting, string Tag);
