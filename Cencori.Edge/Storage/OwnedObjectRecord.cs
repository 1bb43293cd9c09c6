namespace Cencori.Edge.Storage;

/// <summary>
/// An object, such as a file or a batch, that a provider stores for a project under the provider's id. Some objects cost money after the response that
/// returned their id: background responses, batches, fine-tuning jobs.
/// </summary>
public sealed class OwnedObjectRecord
{
    public required string ProjectId { get; init; }

    /// <summary>Id of the provider. Part of the key, because two providers may use the same object id.</summary>
    public required string Provider { get; init; }

    /// <summary>Id of the credential that created the object. Null: an earlier version created it, and did not store the credential.</summary>
    public string? CredentialId { get; init; }

    /// <summary>The provider's id of the object.</summary>
    public required string ObjectId { get; init; }

    /// <summary>Id of the key that created the object. The budget of this key pays for it.</summary>
    public required string KeyId { get; init; }

    /// <summary>Environment of the key and of the credential.</summary>
    public required KeyEnvironment Environment { get; init; }

    /// <summary>Id of the request that created the object.</summary>
    public required string RequestId { get; init; }

    /// <summary>The service tier of the request. Null: the default tier.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The model as it was sent to the provider. Null: the request named none.</summary>
    public string? Model { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Number of input tokens for which the edge reserved money in the budgets.</summary>
    public long InputTokens { get; init; }

    /// <summary>Number of output tokens for which the edge reserved money in the budgets.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Amount reserved in the budgets, in picodollars. Null: the model has no price.</summary>
    public long? Picodollars { get; init; }

    /// <summary>Upper limit of the input tokens that the object can have used.</summary>
    public long MostInputTokens { get; init; }

    /// <summary>Upper limit of the output tokens that the object can have used.</summary>
    public long MostOutputTokens { get; init; }

    /// <summary>When the edge saw the end of the object's work and counted its cost. Null: it is not finished, and budgets count the reserved amount.</summary>
    public DateTimeOffset? ClosedAt { get; set; }
}
