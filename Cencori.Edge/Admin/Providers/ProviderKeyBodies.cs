using System.Text.Json.Serialization;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>The body that stores a credential.</summary>
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
}

/// <summary>A credential as the administrator sees it, which is without itself.</summary>
public sealed record ProviderKeyView(
    string Provider,
    KeyEnvironment Environment,
    [property: JsonPropertyName("keyHint")] string KeyHint,
    [property: JsonPropertyName("baseUrl")] string? BaseUrl,
    [property: JsonPropertyName("createdAt")] DateTimeOffset CreatedAt)
{
    public static ProviderKeyView Of(ProviderKeyRecord row) => new(row.Provider, row.Environment, "..." + row.Hint, row.BaseUrl, row.CreatedAt);
}
