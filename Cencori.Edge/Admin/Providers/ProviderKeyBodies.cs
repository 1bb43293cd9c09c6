using System.Text.Json.Serialization;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>The body that stores a credential. Of one that is replaced, what is not there stays, but for its key and its base URL.</summary>
public sealed record NewProviderKey
{
    public required string Provider { get; init; }

    /// <summary>Null: a provider of one's own that wants none.</summary>
    [JsonPropertyName("apiKey")]
    public string? ApiKey { get; init; }

    public KeyEnvironment Environment { get; init; }

    /// <summary>Null: the provider's.</summary>
    [JsonPropertyName("baseUrl")]
    public string? BaseUrl { get; init; }

    /// <summary>Which of the credentials with this provider in this environment. Null: <see cref="ProviderKeyRecord.DefaultName"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Null: as it is, or 1.</summary>
    public int? Weight { get; init; }

    /// <summary>Null: as it is, or 0.</summary>
    public int? Rank { get; init; }

    public PatchField<List<string>?> Models { get; init; }

    /// <summary>Null: as it is, or true.</summary>
    public bool? Enabled { get; init; }

    /// <summary>All of them. Null: none.</summary>
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

/// <summary>The body that changes a credential without its key. Provider and environment of one never change.</summary>
public sealed record ProviderKeyChange
{
    public PatchField<string> Name { get; init; }

    public int? Weight { get; init; }

    public int? Rank { get; init; }

    public PatchField<List<string>?> Models { get; init; }

    public bool? Enabled { get; init; }

    /// <summary>All of them. Null: none.</summary>
    public PatchField<CredentialLimits?> Limits { get; init; }

    /// <summary>Another path or query at the same server. Another server needs the key again.</summary>
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

/// <summary>A credential as the administrator sees it, which is without itself.</summary>
/// <param name="Id"><c>cr_…</c></param>
/// <param name="Provider">As in yarp.json.</param>
/// <param name="Environment">Whose keys use it.</param>
/// <param name="Name">Unique with the provider and in the environment.</param>
/// <param name="KeyHint">Its last characters.</param>
/// <param name="BaseUrl">Null: the provider's.</param>
/// <param name="Weight">Its share among those of its rank; 0: none while another can be chosen.</param>
/// <param name="Rank">The lowest goes first.</param>
/// <param name="Models">Null: every model.</param>
/// <param name="Enabled">False: it is not used.</param>
/// <param name="Limits">What is sent with it at most. Null: nothing is said of it.</param>
/// <param name="CreatedAt">When it was stored last.</param>
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
    /// <summary>Of the secret and the address, as <see cref="CredentialSeals.VersionOf"/> tells it.</summary>
    [JsonIgnore]
    public string Version { get; private init; } = "";

    public static ProviderKeyView Of(ProviderKeyRecord row) =>
        new(row.Id, row.Provider, row.Environment, row.Name, "..." + row.Hint, row.BaseUrl, row.Weight, row.Rank, row.Models, row.IsEnabled, CredentialLimits.Of(row), row.CreatedAt) { Version = CredentialSeals.VersionOf(row) };
}
