using Cencori.Edge.Models;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project's own credential with a provider, opened. Never logged: printing one gives only the hint.</summary>
public sealed class ProviderCredential(string provider, KeyEnvironment environment, string hint, string? secret, Uri? baseUrl)
{
    /// <summary><c>cr_…</c></summary>
    public string Id { get; init; } = "";

    /// <summary>Another one when another secret is stored, or another address; says nothing of either.</summary>
    public string Version { get; init; } = "";

    public string Name { get; init; } = ProviderKeyRecord.DefaultName;

    public string Provider { get; } = provider;

    public KeyEnvironment Environment { get; } = environment;

    /// <summary>Address and path base in place of the provider's own. Null: the provider's.</summary>
    public Uri? BaseUrl { get; } = baseUrl is null ? null : new Uri(baseUrl.GetLeftPart(UriPartial.Path));

    /// <summary>What stands in the query of every request there: <c>api-version=…</c>. Null: nothing.</summary>
    public string? Query { get; } = baseUrl?.Query is { Length: > 1 } query ? query[1..] : null;

    /// <summary>The credential as the provider wants it. Null: it is stored, but no configured master key opens it.</summary>
    public string? Secret { get; } = secret;

    /// <summary>Its last characters, for people to tell credentials apart; empty for a short one.</summary>
    public string Hint { get; } = hint;

    /// <summary>Its share of the requests among those of the same rank. 0: it is drained, and not chosen while another can be.</summary>
    public int Weight { get; init; } = ProviderKeyRecord.DefaultWeight;

    /// <summary>Those of the lowest go first.</summary>
    public int Rank { get; init; }

    /// <summary>By the provider's own names. Null: every model.</summary>
    public AllowedModels? Models { get; init; }

    /// <summary>What is sent with it at most. Null: nothing is said of it.</summary>
    public RateLimits? Limits { get; init; }

    /// <summary>Whose balance pays for <see cref="Limits"/>.</summary>
    public string LimitsId { get; init; } = "";

    public override string ToString() => $"{Provider}/{Environment} {Id} ...{Hint}";
}
