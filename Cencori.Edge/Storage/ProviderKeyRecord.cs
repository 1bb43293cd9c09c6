namespace Cencori.Edge.Storage;

/// <summary>A project's own credential with a provider. Of one provider and environment there may be several, told apart by their names.</summary>
public sealed class ProviderKeyRecord
{
    /// <summary>Of the credential that was stored without a name.</summary>
    public const string DefaultName = "default";

    public const int DefaultWeight = 1;

    public required string ProjectId { get; init; }

    /// <summary><c>cr_…</c>. It stays when the credential is replaced.</summary>
    public required string Id { get; init; }

    public required string Provider { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Unique in the project, with the provider and in the environment.</summary>
    public string Name { get; set; } = DefaultName;

    /// <summary>The credential under the master key; see <see cref="CredentialSeals"/>.</summary>
    public required byte[] SealedKey { get; set; }

    /// <summary>Which master key sealed it.</summary>
    public required string SealKeyId { get; set; }

    /// <summary>The last four characters, for people to tell credentials apart.</summary>
    public required string Hint { get; set; }

    /// <summary>Address and path base in place of the provider's own. Null: the provider's.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Its share of the requests among those of the same rank. 0: it is drained, and not chosen while another can be.</summary>
    public int Weight { get; set; } = DefaultWeight;

    /// <summary>Those of the lowest go first.</summary>
    public int Rank { get; set; }

    /// <summary>As a key's allowed models. Null: every model.</summary>
    public List<string>? Models { get; set; }

    public bool IsEnabled { get; set; } = true;

    /// <summary>What the account behind it takes in a minute. Null: the project says nothing of it. So are those below.</summary>
    public long? RequestsPerMinute { get; set; }

    /// <summary>Null: as many as in a minute.</summary>
    public long? Burst { get; set; }

    public long? TokensPerMinute { get; set; }

    public long? ConcurrentRequests { get; set; }

    public required DateTimeOffset CreatedAt { get; set; }
}
