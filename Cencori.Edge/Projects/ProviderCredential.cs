using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project's opened credential for a provider. Never logged; <c>ToString</c> shows only the hint.</summary>
public sealed class ProviderCredential(string provider, KeyEnvironment environment, string hint, string? secret, Uri? baseUrl)
{
    /// <summary><c>cr_…</c></summary>
    public string Id { get; init; } = "";

    /// <summary>Changes when the secret or the address changes; reveals neither.</summary>
    public string Version { get; init; } = "";

    public string Name { get; init; } = ProviderKeyRecord.DefaultName;

    public string Provider { get; } = provider;

    public KeyEnvironment Environment { get; } = environment;

    /// <summary>Address and base path that replace the provider's. Null: the provider's.</summary>
    public Uri? BaseUrl { get; } = baseUrl is null ? null : new Uri(baseUrl.GetLeftPart(UriPartial.Path));

    /// <summary>Query of every request to this address: <c>api-version=…</c>. Null: none.</summary>
    public string? Query { get; } = baseUrl?.Query is { Length: > 1 } query ? query[1..] : null;

    /// <summary>The secret, as the provider expects it. Null: stored, but no configured master key opens it.</summary>
    public string? Secret { get; } = secret;

    /// <summary>Last characters of the secret, to tell credentials apart; empty for a short one.</summary>
    public string Hint { get; } = hint;

    /// <summary>Share of the requests within its rank. 0: drained, so used only if no other is available.</summary>
    public int Weight { get; init; } = ProviderKeyRecord.DefaultWeight;

    /// <summary>The lowest rank is used first.</summary>
    public int Rank { get; init; }

    /// <summary>Allowed models, by the provider's own names. Null: every model.</summary>
    public AllowedModels? Models { get; init; }

    /// <summary>Limits of its requests. Null: no limits.</summary>
    public RateLimits? Limits { get; init; }

    /// <summary>Id of the bucket for <see cref="Limits"/>.</summary>
    public string LimitsId { get; init; } = "";

    public override string ToString() => $"{Provider}/{Environment} {Id} ...{Hint}";
}
