using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Monthly budget (calendar month, UTC) of a project, or of one of its keys or agents. Never logged, because it contains a secret.</summary>
public sealed class Budget(BudgetRecord record, string? webhookSecret)
{
    /// <summary>Replaces the key id for the project's own budget.</summary>
    public const string OfProject = "";

    /// <summary>True if the id in place of a key id is an agent's.</summary>
    public static bool IsOfAgent(string id) => id.StartsWith(Agent.IdPrefix + "_", StringComparison.Ordinal);

    /// <summary>Amount in US dollars.</summary>
    public decimal MonthlyUsd { get; } = record.MonthlyUsd ?? throw new ArgumentException("The row has no budget.", nameof(record));

    /// <summary>False: the budget only alerts.</summary>
    public bool IsEnforced { get; } = record.IsEnforced;

    /// <summary>True: an enforced budget refuses requests without a price, which would count as 0.</summary>
    public bool RefusesUnpriced { get; } = record.RefusesUnpriced;

    /// <summary>Thresholds in percent, ascending.</summary>
    public IReadOnlyList<int> Alerts { get; } = record.Alerts;

    /// <summary>Receiver of alerts. Null: only the log.</summary>
    public Uri? WebhookUrl { get; } = record.WebhookUrl is null ? null : new Uri(record.WebhookUrl);

    /// <summary>Secret that signs alerts. Null: none, or no configured master key opens it.</summary>
    public string? WebhookSecret { get; } = webhookSecret;

    /// <summary>Time of the last write. Spend before it may not have been counted.</summary>
    public DateTimeOffset SetAt { get; } = record.SetAt;

    /// <summary>Owner that a sealed secret is bound to; it does not open for another owner.</summary>
    public static string OwnerOf(BudgetRecord record) => $"{record.ProjectId}|budget|{record.KeyId}";
}
