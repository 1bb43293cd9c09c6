namespace Cencori.Edge.Dashboard.Keys;

/// <summary>How a key is used.</summary>
/// <param name="BaseUrl">What clients are told, with <c>/v1</c>.</param>
/// <param name="Samples">One for each language.</param>
/// <param name="Problem">Why a request with it would be refused for now; null: it would not.</param>
public sealed record Snippets(string BaseUrl, IReadOnlyList<Snippet> Samples, string? Problem);

/// <param name="Name">Of the language.</param>
/// <param name="Text">Ready to be pasted.</param>
public sealed record Snippet(string Name, string Text);
