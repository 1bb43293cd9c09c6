using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>How much a project, or one of its keys or agents, may spend in a calendar month, UTC. Never logged: it holds a secret.</summary>
public sealed class Budget(BudgetRecord record, string? webhookSecret)
{
    /// <summary>In place of a key's id.</summary>
    public const string OfProject = "";

    /// <summary>True for what stands in place of a key's id where the budget is an agent's: the agent's own.</summary>
    public static bool IsOfAgent(string id) => id.StartsWith(Agent.IdPrefix + "_", StringComparison.Ordinal);

    /// <summary>In US dollars.</summary>
    public decimal MonthlyUsd { get; } = record.MonthlyUsd ?? throw new ArgumentException("The row has no budget.", nameof(record));

    /// <summary>False: it only alerts.</summary>
    public bool IsEnforced { get; } = record.IsEnforced;

    /// <summary>Where it is enforced, it lets nothing through that has no price, and would count as nothing.</summary>
    public bool RefusesUnpriced { get; } = record.RefusesUnpriced;

    /// <summary>Percentages, rising.</summary>
    public IReadOnlyList<int> Alerts { get; } = record.Alerts;

    /// <summary>Who is told. Null: only the log.</summary>
    public Uri? WebhookUrl { get; } = record.WebhookUrl is null ? null : new Uri(record.WebhookUrl);

    /// <summary>What alerts are signed with. Null: there is none, or no configured master key opens it.</summary>
    public string? WebhookSecret { get; } = webhookSecret;

    /// <summary>When it was last written: what was spent before nobody may have counted.</summary>
    public DateTimeOffset SetAt { get; } = record.SetAt;

    /// <summary>Whom a sealed secret belongs to; it opens for nobody else.</summary>
    public static string OwnerOf(BudgetRecord record) => $"{record.ProjectId}|budget|{record.KeyId}";
}
