namespace Cencori.Edge.Storage;

/// <summary>
/// Something that a provider keeps for a project under an id of its own. It may be paid for later than in the response that told the id, as a
/// response in the background is, a batch, a fine-tuning job.
/// </summary>
public sealed class OwnedObjectRecord
{
    public required string ProjectId { get; init; }

    /// <summary>Id of the provider: two of them may give the same id to different things.</summary>
    public required string Provider { get; init; }

    /// <summary>Id of the credential that it was made with. Null: an earlier version has not noted it.</summary>
    public string? CredentialId { get; init; }

    /// <summary>As the provider calls it.</summary>
    public required string ObjectId { get; init; }

    /// <summary>The key that it was made with, whose budget pays for it.</summary>
    public required string KeyId { get; init; }

    /// <summary>Of the key, and of the credential.</summary>
    public required KeyEnvironment Environment { get; init; }

    /// <summary>Id of the request that made it.</summary>
    public required string RequestId { get; init; }

    /// <summary>The tier that was asked for; null: the ordinary one.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>As it was sent to the provider; null where the request named none.</summary>
    public string? Model { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Input tokens set aside for it.</summary>
    public long InputTokens { get; init; }

    /// <summary>Output tokens set aside for it.</summary>
    public long OutputTokens { get; init; }

    /// <summary>What was set aside for it of the budgets, in picodollars; null: it has no price.</summary>
    public long? Picodollars { get; init; }

    /// <summary>The most input tokens that it can have used.</summary>
    public long MostInputTokens { get; init; }

    /// <summary>The most output tokens that it can have used.</summary>
    public long MostOutputTokens { get; init; }

    /// <summary>When its end was seen, and what it cost counted. Null: it is open, and what was set aside counts.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}
