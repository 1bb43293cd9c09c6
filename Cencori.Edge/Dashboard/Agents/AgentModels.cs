using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Agents;

/// <param name="Agents">The oldest first.</param>
public sealed record AgentsModel(IReadOnlyList<AgentRow> Agents);

/// <param name="Agent">The agent.</param>
/// <param name="Waiting">Tool calls that wait for somebody.</param>
/// <param name="Keys">Those that are good.</param>
/// <param name="LastUsedAt">When one of them was used last; null: never.</param>
public sealed record AgentRow(AgentView Agent, int Waiting, int Keys, DateTimeOffset? LastUsedAt);

/// <param name="AgentId">Null: it is a new one.</param>
/// <param name="State">Of the form.</param>
public sealed record AgentFormModel(string? AgentId, FormState State);

/// <param name="Agent">The agent.</param>
/// <param name="Pending">What waits, the newest first.</param>
/// <param name="Over">What is over, the newest first.</param>
/// <param name="Keys">Its keys.</param>
/// <param name="Tag">Of the agent, for the change of its switches.</param>
public sealed record AgentModel(AgentView Agent, IReadOnlyList<PendingActionView> Pending, IReadOnlyList<PendingActionView> Over, IReadOnlyList<Admin.Keys.ApiKeyView> Keys, string Tag);

/// <param name="Agent">Whose.</param>
/// <param name="Action">With all of its arguments.</param>
/// <param name="State">Of the form with the decision.</param>
public sealed record ActionModel(AgentView Agent, PendingActionView Action, FormState State);

/// <param name="Agent">The agent.</param>
/// <param name="Keys">How many keys end with it.</param>
/// <param name="Waiting">How many tool calls go with it.</param>
/// <param name="Tag">Of the agent.</param>
public sealed record DeleteAgentModel(AgentView Agent, int Keys, int Waiting, string Tag);
