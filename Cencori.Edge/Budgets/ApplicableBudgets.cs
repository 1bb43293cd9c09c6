using System.Collections.Frozen;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Budgets;

/// <summary>The budgets that one request is up to.</summary>
/// <param name="OfProject">Null: it has none.</param>
/// <param name="OfKey">Null: it has none.</param>
/// <param name="KeyId">Of the key.</param>
/// <param name="OfAgent">Null: there is no agent, or it has none.</param>
/// <param name="AgentId">Of the agent; null: there is none.</param>
internal readonly record struct ApplicableBudgets(Budget? OfProject, Budget? OfKey, string KeyId, Budget? OfAgent = null, string? AgentId = null)
{
    public bool AreNone => OfProject is null && OfKey is null && OfAgent is null;

    public bool AreEnforced => OfProject is { IsEnforced: true } || OfKey is { IsEnforced: true } || OfAgent is { IsEnforced: true };

    /// <summary>One of them lets nothing through that has no price.</summary>
    public bool RefuseUnpriced =>
        OfProject is { IsEnforced: true, RefusesUnpriced: true } || OfKey is { IsEnforced: true, RefusesUnpriced: true } || OfAgent is { IsEnforced: true, RefusesUnpriced: true };

    public static ApplicableBudgets Of(FrozenDictionary<string, Budget> budgets, string keyId, Agent? agent) => new(
        budgets.GetValueOrDefault(Budget.OfProject),
        budgets.GetValueOrDefault(keyId),
        keyId,
        agent is null ? null : budgets.GetValueOrDefault(agent.Id),
        agent?.Id);
}
