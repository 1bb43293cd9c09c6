using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Checks settings of provider credentials. Each method returns null, or the error for the caller.</summary>
internal static class CredentialChecks
{
    private const int MaxWeight = 1_000;
    private const int MaxRank = 9;
    // Maximum number of models of a credential. They are in memory while the project is in use.
    private const int MaxModels = 100;
    private const int MaxKeyLength = 4_096;

    /// <summary>Checks the settings that decide which credential is chosen. A null parameter is not set and not checked.</summary>
    public static EdgeError? Choice(int? weight, int? rank, List<string>? models) =>
        weight is < 0 or > MaxWeight ? EdgeError.Invalid($"A weight must be 0 to {MaxWeight}; 0 means that the credential is used only if no other is available.", "weight")
        : rank is < 0 or > MaxRank ? EdgeError.Invalid($"A rank must be 0 to {MaxRank}; credentials of the lowest rank are used first.", "rank")
        : models?.Count > MaxModels ? EdgeError.Invalid($"A credential must name at most {MaxModels} models. A name that ends with '*' stands for all models with that beginning.", "models")
        : Checks.AllowedModels(models, "models");

    // Checks the secret. Spaces and line breaks are refused: in a header value they are a copy error or an attack.
    public static EdgeError? Key(string key, ProviderDefinition provider) =>
        key.Length > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') || (key.Length == 0 && provider.CredentialScheme.NeedsCredential)
            ? EdgeError.Invalid($"The provider's key must have 1 to {MaxKeyLength} visible ASCII characters and no spaces.", "apiKey")
            : null;

    /// <param name="text">The given URL. Null: the provider's own base URL.</param>
    /// <param name="provider">The provider. Null: the provider is no longer in yarp.json.</param>
    /// <param name="baseUrl">The URL in the form that is stored.</param>
    public static EdgeError? BaseUrl(string? text, ProviderDefinition? provider, out string? baseUrl)
    {
        baseUrl = null;
        if (text is null)
        {
            return provider?.NeedsBaseUrl == true
                ? EdgeError.Invalid($"The provider '{provider.Id}' has no fixed address: set its base URL, with the path that replaces /v1.", "baseUrl")
                : null;
        }

        baseUrl = BaseUrls.Read(text, out var fault);
        return baseUrl is null ? EdgeError.Invalid(fault, "baseUrl") : null;
    }
}
