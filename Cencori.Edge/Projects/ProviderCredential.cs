using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project's own credential with a provider, opened. Never logged: printing one gives only the hint.</summary>
public sealed class ProviderCredential(string provider, KeyEnvironment environment, string hint, string? secret, Uri? baseUrl)
{
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

    public override string ToString() => $"{Provider}/{Environment} ...{Hint}";

    /// <summary>Whom a sealed credential belongs to; it opens for nobody else.</summary>
    public static string OwnerOf(ProviderKeyRecord record) => $"{record.ProjectId}|{record.Provider}|{record.Environment}";
}
