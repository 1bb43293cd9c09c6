using System.Text.Json.Serialization;

namespace Cencori.Edge.Budgets;

/// <summary>The body of a budget webhook.</summary>
internal sealed record BudgetAlert(string ProjectId, string? KeyId, int Threshold, decimal SpendUsd, decimal BudgetUsd, string Month)
{
    /// <summary>The agent of the budget. Null: the budget belongs to no agent, and the body does not have this member.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    /// <summary>Whether this is a test of the webhook. Left out of the body if false.</summary>
    [JsonPropertyName("test"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    /// <summary>The key or agent of the budget. Empty: the whole project.</summary>
    [JsonIgnore]
    public string Scope => AgentId ?? KeyId ?? "";
}
