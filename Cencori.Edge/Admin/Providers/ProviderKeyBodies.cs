using System.Text.Json.Serialization;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Request body that stores a credential. When it replaces one, absent members stay unchanged, except key and base URL.</summary>
public sealed record NewProviderKey
{
    public required string Provider { get; init; }

    /// <summary>Null: the operator's own provider, which needs no key.</summary>
    [JsonPropertyName("apiKey")]
    public string? ApiKey { get; init; }

    public KeyEnvironment Environment { get; init; }

    /// <summary>Null: the provider's URL.</summary>
    [JsonPropertyName("baseUrl")]
    public string? BaseUrl { get; init; }

    /// <summary>Name among the credentials of this provider and environment. Null: <see cref="ProviderKeyRecord.DefaultName"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Null: unchanged; 1 for a new credential.</summary>
    public int? Weight { get; init; }

    /// <summary>Null: unchanged; 0 for a new credential.</summary>
    public int? Rank { get; init; }

    public PatchField<List<string>?> Models { get; init; }

    /// <summary>Null: unchanged; true for a new credential.</summary>
    public bool? Enabled { get; init; }

    /// <summary>All limits, as a whole. Null: no limits.</summary>
    public PatchField<CredentialLimits?> Limits { get; init; }

    internal string NameOrDefault => Name ?? ProviderKeyRecord.DefaultName;

    internal EdgeError? Check() => Checks.Name(NameOrDefault) ?? CredentialChecks.Choice(Weight, Rank, Models.Value) ?? Limits.Value?.Check();

    internal void Set(ProviderKeyRecord row)
    {
        row.Weight = Weight ?? row.Weight;
        row.Rank = Rank ?? row.Rank;
        row.Models = Models.Or(row.Models);
        row.IsEnabled = Enabled ?? row.IsEnabled;
        CredentialLimits.Set(row, Limits);
    }
}

/// <summary>Request body that changes a credential, but not its key. Provider and environment never change.</summary>
public sealed record ProviderKeyChange
{
    public PatchField<string> Name { get; init; }

    public int? Weight { get; init; }

    public int? Rank { get; init; }

    public PatchField<List<string>?> Models { get; init; }

    public bool? Enabled { get; init; }

    /// <summary>All limits, as a whole. Null: no limits.</summary>
    public PatchField<CredentialLimits?> Limits { get; init; }

    /// <summary>Another path or query on the same server. Another server needs the key again.</summary>
    [JsonPropertyName("baseUrl")]
    public PatchField<string?> BaseUrl { get; init; }

    internal EdgeError? Check() => (Name.IsPresent ? Checks.Name(Name.Value) : null) ?? CredentialChecks.Choice(Weight, Rank, Models.Value) ?? Limits.Value?.Check();

    internal void Set(ProviderKeyRecord row, string? baseUrl)
    {
        row.Name = Name.Or(row.Name);
        row.Weight = Weight ?? row.Weight;
        row.Rank = Rank ?? row.Rank;
        row.Models = Models.Or(row.Models);
        row.IsEnabled = Enabled ?? row.IsEnabled;
        row.BaseUrl = BaseUrl.IsPresent ? baseUrl : row.BaseUrl;
        CredentialLimits.Set(row, Limits);
    }
}

/// <summary>A credential as an administrator sees it, without the secret.</summary>
/// <param name="Id"><c>cr_…</c></param>
/// <param name="Provider">Id of the provider in yarp.json.</param>
/// <param name="Environment">Environment of the keys that use it.</param>
/// <param name="Name">Unique for the provider and environment.</param>
/// <param name="KeyHint">Last characters of the secret.</param>
/// <param name="BaseUrl">Null: the provider's URL.</param>
/// <param name="Weight">Share among the credentials of the same rank; 0: used only if no other can be.</param>
/// <param name="Rank">The lowest rank is used first.</param>
/// <param name="Models">Null: every model.</param>
/// <param name="Enabled">False: not used.</param>
/// <param name="Limits">Limits of its requests. Null: no limits.</param>
/// <param name="CreatedAt">Time of the last store.</param>
public sealed record ProviderKeyView(
    string Id,
    string Provider,
    KeyEnvironment Environment,
    string Name,
    [property: JsonPropertyName("keyHint")] string KeyHint,
    [property: JsonPropertyName("baseUrl")] string? BaseUrl,
    int Weight,
    int Rank,
    List<string>? Models,
    bool Enabled,
    CredentialLimits? Limits,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt)
{
    /// <summary>Version of the secret and base URL; see <see cref="CredentialSeals.VersionOf"/>.</summary>
    [JsonIgnore]
    public string Version { get; private init; } = "";

    public static ProviderKeyView Of(ProviderKeyRecord row) =>
        new(row.Id, row.Provider, row.Environment, row.Name, "..." + row.Hint, row.BaseUrl, row.Weight, row.Rank, row.Models, row.IsEnabled, CredentialLimits.Of(row), row.CreatedAt) { Version = CredentialSeals.VersionOf(row) };
}
