using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project's decrypted credential for a provider. Never logged; <c>ToString</c> shows only the hint.</summary>
public sealed class ProviderCredential(string provider, KeyEnvironment environment, string hint, string? secret, Uri? baseUrl)
{
    /// <summary>Id of the credential, such as <c>cr_…</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>A text that changes when the secret or the base URL changes. It reveals neither.</summary>
    public string Version { get; init; } = "";

    public string Name { get; init; } = ProviderKeyRecord.DefaultName;

    public string Provider { get; } = provider;

    public KeyEnvironment Environment { get; } = environment;

    /// <summary>Base URL that replaces the base URL of the provider, without a query. Null: the provider's own base URL is used.</summary>
    public Uri? BaseUrl { get; } = baseUrl is null ? null : new Uri(baseUrl.GetLeftPart(UriPartial.Path));

    /// <summary>Query that the edge adds to every request with this credential, such as <c>api-version=…</c>. Null: no query.</summary>
    public string? Query { get; } = baseUrl?.Query is { Length: > 1 } query ? query[1..] : null;

    /// <summary>The secret, as the provider expects it. Null: a secret is stored, but no configured master key decrypts it.</summary>
    public string? Secret { get; } = secret;

    /// <summary>Last characters of the secret, so that people can distinguish credentials. Empty if the secret is short.</summary>
    public string Hint { get; } = hint;

    /// <summary>Share of the requests, relative to the other weights of the same rank. 0 (drained): the credential is used only if no other is available.</summary>
    public int Weight { get; init; } = ProviderKeyRecord.DefaultWeight;

    /// <summary>Credentials of the lowest rank are used first.</summary>
    public int Rank { get; init; }

    /// <summary>Models for which the credential may be used, by their names at the provider. Null: every model.</summary>
    public AllowedModels? Models { get; init; }

    /// <summary>Rate limits of the requests that use the credential. Null: no limits.</summary>
    public RateLimits? Limits { get; init; }

    /// <summary>Id of the rate-limit bucket for <see cref="Limits"/>.</summary>
    public string LimitsId { get; init; } = "";

    public override string ToString() => $"{Provider}/{Environment} {Id} ...{Hint}";
}
