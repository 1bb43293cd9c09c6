using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Storage;

/// <summary>The type of an API key, which limits what the key may do. See "Authentication" in <c>docs/wire.md</c>.</summary>
public enum KeyType
{
    /// <summary>May use the whole data plane of its project.</summary>
    Secret,

    /// <summary>May only call models, and only from allowed origins.</summary>
    Publishable,

    /// <summary>May only call models, and only as one agent of the project.</summary>
    Agent,
}

/// <summary>Which of a project's provider credentials a key may use.</summary>
public enum KeyEnvironment
{
    Production,
    Test,
}

/// <summary>Networks from which the keys of a project may be used.</summary>
public enum AccessMode
{
    /// <summary>Keys work from every network.</summary>
    Public,

    /// <summary>Keys work only from the networks of the list. With an empty list, they work from nowhere.</summary>
    Restricted,
}

public sealed class ProjectRecord
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required string Slug { get; set; }

    public string? DefaultModel { get; set; }

    public string? DefaultProvider { get; set; }

    /// <summary>Maps an alias to a model. The model has the name that a caller would use for it. Stored as JSON.</summary>
    public Dictionary<string, string> ModelAliases { get; set; } = [];

    public long? RequestsPerMinute { get; set; }

    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    /// <summary>Prices of this project that override the price list. Stored as JSON.</summary>
    public List<ModelPrice> Prices { get; set; } = [];

    /// <summary>True when request and response bodies are stored for a limited time; see <see cref="PayloadRecord"/>.</summary>
    public bool LogsPayloads { get; set; }

    public AccessMode AccessMode { get; set; }

    /// <summary>Networks in CIDR notation. While <see cref="AccessMode"/> is public, the list stays stored but has no effect.</summary>
    public List<string> AllowedCidrs { get; set; } = [];

    /// <summary>The policies, as a JSON document. Null: policies were never set.</summary>
    public string? Policies { get; set; }

    /// <summary>Grows with each change of <see cref="Policies"/>.</summary>
    public long PoliciesVersion { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

public sealed class ApiKeyRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>SHA-256 of the whole key. The key is not stored.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The prefix of the key's type, and the first four characters after it.</summary>
    public required string KeyPrefix { get; init; }

    public required string LastFour { get; init; }

    public required string Name { get; set; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public List<string> AllowedDomains { get; set; } = [];

    /// <summary>Models that the key may use. Null: every model. Empty: none.</summary>
    public List<string>? AllowedModels { get; set; }

    /// <summary>Networks from which the key may be used. Null: all. Empty: none.</summary>
    public List<string>? AllowedCidrs { get; set; }

    public string? AgentId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Id of the key that replaced this one in a rotation. Null: none.</summary>
    public string? ReplacedBy { get; set; }
}

/// <summary>Spending limit of a project, or of one of its keys, for each calendar month, UTC.</summary>
public sealed class BudgetRecord
{
    public required string ProjectId { get; init; }

    /// <summary>Id of the key. Empty: the limit is for the whole project.</summary>
    public required string KeyId { get; init; }

    /// <summary>The limit per month, in US dollars. Null: no limit.</summary>
    public decimal? MonthlyUsd { get; set; }

    /// <summary>True: requests beyond the limit are refused. False: the budget only sends alerts.</summary>
    public bool IsEnforced { get; set; }

    /// <summary>True: an enforced budget refuses requests to models without a price. If false, such requests cost the budget nothing.</summary>
    public bool RefusesUnpriced { get; set; }

    /// <summary>Percentages of the limit at which an alert is sent, in ascending order.</summary>
    public List<int> Alerts { get; set; } = [];

    public string? WebhookUrl { get; set; }

    /// <summary>The secret that signs alerts, sealed by the master key; see <see cref="SecretSealer"/>. Set whenever <see cref="WebhookUrl"/> is set.</summary>
    public byte[]? SealedSecret { get; set; }

    /// <summary>Id of the master key that sealed the secret.</summary>
    public string? SealKeyId { get; set; }

    public required DateTimeOffset SetAt { get; set; }
}

/// <summary>The claim of one edge to send a budget alert. Only the edge that inserts the row sends the alert.</summary>
public sealed class BudgetAlertRecord
{
    public required string ProjectId { get; init; }

    /// <summary>See <see cref="BudgetRecord.KeyId"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary>The month, such as <c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>Percentage of the limit that was reached.</summary>
    public required int Threshold { get; init; }
}

/// <summary>The delivery of an alert, or of a test of the webhook. Only the newest deliveries of each project are kept.</summary>
public sealed class AlertDeliveryRecord
{
    public long Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>See <see cref="BudgetRecord.KeyId"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary>The month, such as <c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>Percentage of the limit that was reached. 0: a test.</summary>
    public required int Threshold { get; init; }

    /// <summary>The spending that the alert reported.</summary>
    public required decimal SpendUsd { get; init; }

    /// <summary>The budget that the alert reported.</summary>
    public required decimal BudgetUsd { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Number of attempts. 0: there was no webhook, and the alert was only logged.</summary>
    public required int Attempts { get; init; }

    /// <summary>HTTP status of the last response. Null: there was no response.</summary>
    public int? Status { get; init; }

    /// <summary>Why the delivery failed. Null: it succeeded.</summary>
    public string? Fault { get; init; }
}

/// <summary>A setting of the whole installation, shared by all edges on one database.</summary>
public sealed class SettingRecord
{
    public required string Name { get; init; }

    public required string Value { get; set; }
}
