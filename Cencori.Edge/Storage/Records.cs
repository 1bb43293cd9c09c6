namespace Cencori.Edge.Storage;

/// <summary>What a key may do at most; the contract's §2.</summary>
public enum KeyType
{
    /// <summary>Everything on the data plane of its project.</summary>
    Secret,

    /// <summary>Inference only, from allowed origins.</summary>
    Publishable,

    /// <summary>Inference as one agent of the project.</summary>
    Agent,
}

/// <summary>Which of a project's provider credentials a key may use.</summary>
public enum KeyEnvironment
{
    Production,
    Test,
}

/// <summary>From where the keys of a project may be used.</summary>
public enum AccessMode
{
    /// <summary>From everywhere.</summary>
    Public,

    /// <summary>From the networks of its list, and from nowhere where that is empty.</summary>
    Restricted,
}

public sealed class ProjectRecord
{
    public required string Id { get; init; }

    public required string Name { get; set; }

    public required string Slug { get; set; }

    public string? DefaultModel { get; set; }

    public string? DefaultProvider { get; set; }

    /// <summary>Alias → model, as a caller would name it. Stored as JSON.</summary>
    public Dictionary<string, string> ModelAliases { get; set; } = [];

    public long? RequestsPerMinute { get; set; }

    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    /// <summary>Prices that hold for this project in place of the list's. Stored as JSON.</summary>
    public List<ModelPrice> Prices { get; set; } = [];

    /// <summary>What is said in its requests is kept for a while; see <see cref="PayloadRecord"/>.</summary>
    public bool LogsPayloads { get; set; }

    public AccessMode AccessMode { get; set; }

    /// <summary>Kept where everybody is let in, too.</summary>
    public List<string> AllowedCidrs { get; set; } = [];

    /// <summary>What may come in and go out: a document as JSON. Null: nothing was ever set.</summary>
    public string? Policies { get; set; }

    /// <summary>Grows with each change of <see cref="Policies"/>.</summary>
    public long PoliciesVersion { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

public sealed class ApiKeyRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>SHA-256 of the whole key. The key itself is stored nowhere.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>The type's prefix and the first four characters after it.</summary>
    public required string KeyPrefix { get; init; }

    public required string LastFour { get; init; }

    public required string Name { get; set; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public List<string> AllowedDomains { get; set; } = [];

    /// <summary>Null: every model. Empty: none.</summary>
    public List<string>? AllowedModels { get; set; }

    /// <summary>Networks that it may be used from. Null: all. Empty: none.</summary>
    public List<string>? AllowedCidrs { get; set; }

    public string? AgentId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>The key that took this one's place in a rotation.</summary>
    public string? ReplacedBy { get; set; }
}

/// <summary>How much a project, or one of its keys, may spend in a calendar month, UTC.</summary>
public sealed class BudgetRecord
{
    public required string ProjectId { get; init; }

    /// <summary>Empty: the whole project's.</summary>
    public required string KeyId { get; init; }

    /// <summary>In US dollars. Null: none.</summary>
    public decimal? MonthlyUsd { get; set; }

    /// <summary>False: it only alerts.</summary>
    public bool IsEnforced { get; set; }

    /// <summary>Requests without a price, which count as nothing, are refused where the budget is enforced.</summary>
    public bool RefusesUnpriced { get; set; }

    /// <summary>Percentages, rising.</summary>
    public List<int> Alerts { get; set; } = [];

    public string? WebhookUrl { get; set; }

    /// <summary>What alerts are signed with, under the master key; see <see cref="SecretSealer"/>. There wherever the address is.</summary>
    public byte[]? SealedSecret { get; set; }

    /// <summary>Which master key sealed it.</summary>
    public string? SealKeyId { get; set; }

    public required DateTimeOffset SetAt { get; set; }
}

/// <summary>An alert that has been given. The first edge to write it gives it.</summary>
public sealed class BudgetAlertRecord
{
    public required string ProjectId { get; init; }

    /// <summary>As <see cref="BudgetRecord.KeyId"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary><c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>In percent.</summary>
    public required int Threshold { get; init; }
}

/// <summary>What became of an alert, or of a test of the address that alerts go to. Of each project the newest are kept.</summary>
public sealed class AlertDeliveryRecord
{
    public long Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>As <see cref="BudgetRecord.KeyId"/>.</summary>
    public required string KeyId { get; init; }

    /// <summary><c>2026-11</c>.</summary>
    public required string Month { get; init; }

    /// <summary>In percent; 0 is a test.</summary>
    public required int Threshold { get; init; }

    /// <summary>What was told to be spent.</summary>
    public required decimal SpendUsd { get; init; }

    /// <summary>Of how much.</summary>
    public required decimal BudgetUsd { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>How often it was sent. 0: there was no address, and only the log was told.</summary>
    public required int Attempts { get; init; }

    /// <summary>What the last response said; null: there was none.</summary>
    public int? Status { get; init; }

    /// <summary>Why it was not taken; null: it was.</summary>
    public string? Fault { get; init; }
}

/// <summary>A fact about the whole installation, shared by all edges on one database.</summary>
public sealed class SettingRecord
{
    public required string Name { get; init; }

    public required string Value { get; set; }
}
