using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Admin.Providers;

/// <summary>What a credential may be. Each gives null, or the response to whoever broke it.</summary>
internal static class CredentialChecks
{
    private const int MaxWeight = 1_000;
    private const int MaxRank = 9;
    // They are held in memory while the project is used, for every credential that it has.
    private const int MaxModels = 100;
    private const int MaxKeyLength = 4_096;

    /// <summary>Of what decides when it is chosen. Null: nothing is said of it.</summary>
    public static EdgeError? Choice(int? weight, int? rank, List<string>? models) =>
        weight is < 0 or > MaxWeight ? EdgeError.Invalid($"A weight is 0 to {MaxWeight}; 0 is one that is not chosen while another can be.", "weight")
        : rank is < 0 or > MaxRank ? EdgeError.Invalid($"A rank is 0 to {MaxRank}; the lowest goes first.", "rank")
        : models?.Count > MaxModels ? EdgeError.Invalid($"A credential is for at most {MaxModels} models. One with a '*' at the end stands for many.", "models")
        : Checks.AllowedModels(models, "models");

    // A line break or a space in a header's value is either a mistake in copying or an attack.
    public static EdgeError? Key(string key, ProviderDefinition provider) =>
        key.Length > MaxKeyLength || key.AsSpan().ContainsAnyExceptInRange('!', '~') || (key.Length == 0 && provider.CredentialScheme.NeedsCredential)
            ? EdgeError.Invalid($"The provider's key has 1 to {MaxKeyLength} visible ASCII characters and no spaces.", "apiKey")
            : null;

    /// <param name="text">As it was written. Null: the provider's.</param>
    /// <param name="provider">Whose. Null: it is no more in yarp.json.</param>
    /// <param name="baseUrl">As it is stored.</param>
    public static EdgeError? BaseUrl(string? text, ProviderDefinition? provider, out string? baseUrl)
    {
        baseUrl = null;
        if (text is null)
        {
            return provider?.NeedsBaseUrl == true
                ? EdgeError.Invalid($"The provider '{provider.Id}' is at an address of your own: its base URL is needed, with the path that stands in place of /v1.", "baseUrl")
                : null;
        }

        baseUrl = BaseUrls.Read(text, out var fault);
        return baseUrl is null ? EdgeError.Invalid(fault, "baseUrl") : null;
    }

    /// <summary>True where both are the same server, so that a key that was stored for one may go to the other.</summary>
    public static bool IsSameServer(string? one, string? other) =>
        one == other || (one is not null && other is not null && new Uri(one).GetLeftPart(UriPartial.Authority) == new Uri(other).GetLeftPart(UriPartial.Authority));
}
