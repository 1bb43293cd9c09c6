namespace Cencori.Edge.Storage;

/// <summary>A project's credential with a provider. Several with the same provider and environment differ by name.</summary>
public sealed class ProviderKeyRecord
{
    /// <summary>Name of a credential that was stored without one.</summary>
    public const string DefaultName = "default";

    public const int DefaultWeight = 1;

    public required string ProjectId { get; init; }

    /// <summary><c>cr_…</c>. Stays the same when the credential is replaced.</summary>
    public required string Id { get; init; }

    public required string Provider { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Unique per project, provider and environment.</summary>
    public string Name { get; set; } = DefaultName;

    /// <summary>The credential, sealed by the master key; see <see cref="CredentialSeals"/>.</summary>
    public required byte[] SealedKey { get; set; }

    /// <summary>Which master key sealed it.</summary>
    public required string SealKeyId { get; set; }

    /// <summary>The last four characters, so that people can recognize the credential.</summary>
    public required string Hint { get; set; }

    /// <summary>Address and base path instead of the provider's own. Null: the provider's.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Share of requests among the credentials of the same rank. 0: drained, used only when no other is available.</summary>
    public int Weight { get; set; } = DefaultWeight;

    /// <summary>Credentials with the lowest rank are used first.</summary>
    public int Rank { get; set; }

    /// <summary>Patterns of models, as for a key. Null: every model.</summary>
    public List<string>? Models { get; set; }

    public bool IsEnabled { get; set; } = true;

    /// <summary>Limits of the provider account; this one and the next three. Null: unknown.</summary>
    public long? RequestsPerMinute { get; set; }

    /// <summary>Null: the same as <see cref="RequestsPerMinute"/>.</summary>
    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
}
