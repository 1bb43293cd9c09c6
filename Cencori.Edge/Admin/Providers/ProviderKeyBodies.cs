using System.Text.Json.Serialization;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Request body that stores a credential. If it replaces a credential, settings of absent members stay unchanged, except key and base URL.</summary>
public sealed record NewProviderKey
{
    public required string Provider { get; init; }

    /// <summary>The provider's secret key. Null: the provider needs no key, because the operator runs it.</summary>
    [JsonPropertyName("apiKey")]
    public string? ApiKey { get; init; }

    public KeyEnvironment Environment { get; init; }

    /// <summary>Base URL that replaces the provider's own. Null: the provider's own base URL is used.</summary>
    [JsonPropertyName("baseUrl")]
    public string? BaseUrl { get; init; }

    /// <summary>Name among the credentials of this provider and environment. Null: <see cref="ProviderKeyRecord.DefaultName"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Share of the requests within the rank. Null: unchanged, or 1 for a new credential.</summary>
    public int? Weight { get; init; }

    /// <summary>Rank; the lowest rank is used first. Null: unchanged, or 0 for a new credential.</summary>
    public int? Rank { get; init; }

    public PatchField<List<string>?> Models { get; init; }

    /// <summary>Whether requests may use the credential. Null: unchanged, or true for a new credential.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Rate limits of the credential. A change replaces all of them. Null: no limits.</summary>
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

    /// <summary>Rate limits of the credential. A change replaces all of them. Null: no limits.</summary>
    public PatchField<CredentialLimits?> Limits { get; init; }

    /// <summary>New base URL on the same server. For another server, the credential must be stored again with its key.</summary>
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
/// <param name="Environment">Environment of the API keys whose requests use the credential.</param>
/// <param name="Name">Name, unique for the provider and environment.</param>
/// <param name="KeyHint">Last characters of the secret.</param>
/// <param name="BaseUrl">Base URL that replaces the provider's own. Null: the provider's own base URL is used.</param>
/// <param name="Weight">Share of the requests among the credentials of the same rank. 0: the credential is used only if no other is available.</param>
/// <param name="Rank">Rank; credentials of the lowest rank are used first.</param>
/// <param name="Models">Models for which the credential may be used. Null: every model.</param>
/// <param name="Enabled">False: requests do not use the credential.</param>
/// <param name="Limits">Rate limits of the requests that use the credential. Null: no limits.</param>
/// <param name="CreatedAt">Time at which the secret was last stored.</param>
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
    /// <summary>A text that changes when the secret or the base URL changes; see <see cref="CredentialSeals.VersionOf"/>.</summary>
    [JsonIgnore]
    public string Version { get; private init; } = "";

    public static ProviderKeyView Of(ProviderKeyRecord row) =>
        new(row.Id, row.Provider, row.Environment, row.Name, "..." + row.Hint, row.BaseUrl, row.Weight, row.Rank, row.Models, row.IsEnabled, CredentialLimits.Of(row), row.CreatedAt) { Version = CredentialSeals.VersionOf(row) };
}
