using System.Collections.Frozen;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Budgets;

/// <summary>The budgets that apply to one request.</summary>
/// <param name="OfProject">The project's budget. Null: it has none.</param>
/// <param name="OfKey">The key's budget. Null: it has none.</param>
/// <param name="KeyId">The key.</param>
/// <param name="OfAgent">The agent's budget. Null: no agent, or the agent has no budget.</param>
/// <param name="AgentId">The agent. Null: none.</param>
internal readonly record struct ApplicableBudgets(Budget? OfProject, Budget? OfKey, string KeyId, Budget? OfAgent = null, string? AgentId = null)
{
    public bool IsEmpty => OfProject is null && OfKey is null && OfAgent is null;

    public bool AreEnforced => OfProject is { IsEnforced: true } || OfKey is { IsEnforced: true } || OfAgent is { IsEnforced: true };

    /// <summary>Whether one of these budgets refuses models without a price.</summary>
    public bool RefuseUnpriced =>
        OfProject is { IsEnforced: true, RefusesUnpriced: true } || OfKey is { IsEnforced: true, RefusesUnpriced: true } || OfAgent is { IsEnforced: true, RefusesUnpriced: true };

    public static ApplicableBudgets Of(FrozenDictionary<string, Budget> budgets, string keyId, Agent? agent) => new(
        budgets.GetValueOrDefault(Budget.OfProject),
        budgets.GetValueOrDefault(keyId),
        keyId,
        agent is null ? null : budgets.GetValueOrDefault(agent.Id),
        agent?.Id);
}
