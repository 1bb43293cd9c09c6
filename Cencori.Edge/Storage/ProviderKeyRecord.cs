using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Storage;

/// <summary>A credential that a project has with a provider. Credentials with the same provider and environment have different names.</summary>
public sealed class ProviderKeyRecord
{
    /// <summary>Name of a credential that was stored without one.</summary>
    public const string DefaultName = "default";

    public const int DefaultWeight = 1;

    public required string ProjectId { get; init; }

    /// <summary>Id of the credential, <c>cr_…</c>. Stays the same when the secret is replaced.</summary>
    public required string Id { get; init; }

    public required string Provider { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Name of the credential. Unique per project, provider and environment.</summary>
    public string Name { get; set; } = DefaultName;

    /// <summary>The secret, sealed by the master key; see <see cref="CredentialSeals"/>.</summary>
    public required byte[] SealedKey { get; set; }

    /// <summary>Id of the master key that sealed the secret.</summary>
    public required string SealKeyId { get; set; }

    /// <summary>The last four characters of the secret, so that people can recognize the credential.</summary>
    public required string Hint { get; set; }

    /// <summary>Address and base path that replace the provider's own. Null: the provider's own.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Weight of this credential among the credentials of the same rank: a credential with twice the weight gets twice as many requests. 0: used
    /// only when no other credential is available.</summary>
    public int Weight { get; set; } = DefaultWeight;

    /// <summary>Credentials with the lowest rank are used first.</summary>
    public int Rank { get; set; }

    /// <summary>Patterns of the models that the credential may be used for. Null: every model.</summary>
    public List<string>? Models { get; set; }

    public bool IsEnabled { get; set; } = true;

    /// <summary>Requests per minute that the provider account allows. This and the next three members are limits of the account. Null: unknown.</summary>
    public long? RequestsPerMinute { get; set; }

    /// <summary>Number of requests that the account allows at once. Null: the same as <see cref="RequestsPerMinute"/>.</summary>
    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
}
