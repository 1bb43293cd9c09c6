using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>Monthly budget (calendar month, UTC) of a project, or of one of its keys or agents. Never logged, because it contains a secret.</summary>
public sealed class Budget(BudgetRecord record, string? webhookSecret)
{
    /// <summary>The value in place of a key id for the budget of the project itself.</summary>
    public const string OfProject = "";

    /// <summary>True if a budget's id is the id of an agent, and not of a key.</summary>
    public static bool IsOfAgent(string id) => id.StartsWith(Agent.IdPrefix + "_", StringComparison.Ordinal);

    /// <summary>Budget per month, in US dollars.</summary>
    public decimal MonthlyUsd { get; } = record.MonthlyUsd ?? throw new ArgumentException("The row has no budget.", nameof(record));

    /// <summary>True: the edge refuses requests when the budget is used up. False: the budget only sends alerts.</summary>
    public bool IsEnforced { get; } = record.IsEnforced;

    /// <summary>True: an enforced budget refuses requests whose model has no known price, because their cost would count as 0.</summary>
    public bool RefusesUnpriced { get; } = record.RefusesUnpriced;

    /// <summary>Alert thresholds in percent of the budget, ascending.</summary>
    public IReadOnlyList<int> Alerts { get; } = record.Alerts;

    /// <summary>The edge posts alerts to this URL. Null: alerts appear only in the log.</summary>
    public Uri? WebhookUrl { get; } = record.WebhookUrl is null ? null : new Uri(record.WebhookUrl);

    /// <summary>Secret that signs alerts. Null: the budget has no secret, or no configured master key decrypts it.</summary>
    public string? WebhookSecret { get; } = webhookSecret;

    /// <summary>Time at which the budget was last changed. The counted spend may lack costs from before this time.</summary>
    public DateTimeOffset SetAt { get; } = record.SetAt;

    /// <summary>The text that the encryption of the webhook secret is bound to. A secret copied to another row does not decrypt.</summary>
    public static string OwnerOf(BudgetRecord record) => $"{record.ProjectId}|budget|{record.KeyId}";
}
