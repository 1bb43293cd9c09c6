namespace Cencori.Edge.Storage;

/// <summary>
/// An object that a provider keeps for a project under the provider's id. Some are charged after the response that returned the id: background
/// responses, batches, fine-tuning jobs.
/// </summary>
public sealed class OwnedObjectRecord
{
    public required string ProjectId { get; init; }

    /// <summary>Id of the provider. Part of the key, because two providers may use the same object id.</summary>
    public required string Provider { get; init; }

    /// <summary>Id of the credential that created it. Null: created by an earlier version, which did not store it.</summary>
    public string? CredentialId { get; init; }

    /// <summary>The provider's id.</summary>
    public required string ObjectId { get; init; }

    /// <summary>The key that created it, whose budget pays for it.</summary>
    public required string KeyId { get; init; }

    /// <summary>Environment of the key and of the credential.</summary>
    public required KeyEnvironment Environment { get; init; }

    /// <summary>Id of the request that created it.</summary>
    public required string RequestId { get; init; }

    /// <summary>The service tier of the request. Null: the default tier.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>As it was sent to the provider. Null: the request named none.</summary>
    public string? Model { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Input tokens reserved for it.</summary>
    public long InputTokens { get; init; }

    /// <summary>Output tokens reserved for it.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Amount reserved in the budgets, in picodollars. Null: it has no price.</summary>
    public long? Picodollars { get; init; }

    /// <summary>Upper bound of the input tokens that it can have used.</summary>
    public long MostInputTokens { get; init; }

    /// <summary>Upper bound of the output tokens that it can have used.</summary>
    public long MostOutputTokens { get; init; }

    /// <summary>When its end was seen and its cost was counted. Null: it is open, and the reservation counts.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}
