using System.Text.Json.Serialization;

namespace Cencori.Edge.Budgets;

/// <summary>What a webhook is told, as it stands in the body.</summary>
internal sealed record BudgetAlert(string ProjectId, string? KeyId, int Threshold, decimal SpendUsd, decimal BudgetUsd, string Month)
{
    /// <summary>Null, and not told: it is no agent's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AgentId { get; init; }

    /// <summary>Whether it only tries the address. Told where it is so.</summary>
    [JsonPropertyName("test"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsTest { get; init; }

    /// <summary>Empty: the whole project's.</summary>
    [JsonIgnore]
    public string Scope => AgentId ?? KeyId ?? "";
}
