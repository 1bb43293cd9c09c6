namespace Cencori.Edge.Providers.Catalog;

/// <summary>How a provider's credential is sent: always in a header, never in a query, because access logs keep queries.</summary>
/// <param name="HeaderName">The header that holds the credential. Null: the provider needs no credential.</param>
/// <param name="Prefix">Text before the credential in the header's value.</param>
public sealed record CredentialScheme(string? HeaderName, string Prefix)
{
    public static readonly CredentialScheme None = new(null, "");
    public static readonly CredentialScheme Bearer = new("Authorization", "Bearer ");
    public static readonly CredentialScheme XApiKey = new("x-api-key", "");
    public static readonly CredentialScheme ApiKey = new("api-key", "");

    /// <summary>Anthropic's API refuses API keys in <c>Authorization</c>, except for the OpenAI-compatible chat. OAuth tokens are accepted only there.</summary>
    public static readonly CredentialScheme Anthropic = XApiKey with { IsAnthropic = true };

    private const string OAuthToken = "sk-ant-oat";

    public bool NeedsCredential => HeaderName is not null;

    private bool IsAnthropic { get; init; }

    /// <summary>The scheme for one request.</summary>
    /// <param name="path">Path of the request, below the provider's base.</param>
    /// <param name="secret">The credential.</param>
    public CredentialScheme For(PathString path, string secret) =>
        IsAnthropic && (path.Equals("/chat/completions", StringComparison.OrdinalIgnoreCase) || secret.StartsWith(OAuthToken, StringComparison.Ordinal)) ? Bearer : this;

    /// <summary>The scheme with this name, in any letter case. Null: the name is unknown.</summary>
    public static CredentialScheme? Parse(string? name) => name?.ToUpperInvariant() switch
    {
        "BEARER" => Bearer,
        "X-API-KEY" => XApiKey,
        "API-KEY" => ApiKey,
        "ANTHROPIC" => Anthropic,
        "NONE" => None,
        _ => null,
    };
}
