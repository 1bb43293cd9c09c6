namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Code samples for a key.</summary>
/// <param name="BaseUrl">The base URL for clients, with <c>/v1</c>.</param>
/// <param name="Samples">One per language.</param>
/// <param name="Problem">Why a request with the key would be refused now; null: it would work.</param>
public sealed record Snippets(string BaseUrl, IReadOnlyList<Snippet> Samples, string? Problem);

/// <param name="Name">The language.</param>
/// <param name="Text">Code to copy and run.</param>
public sealed record Snippet(string Name, string Text);
