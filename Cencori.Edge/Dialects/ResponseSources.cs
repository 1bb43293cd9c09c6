namespace Cencori.Edge.Dialects;

/// <summary>The data that a response with sources contains besides the model's output.</summary>
/// <param name="Json">The list of sources (memory entries in the prompt) as JSON. Null: the caller does not want the list.</param>
/// <param name="Elapsed">Returns the time since the request arrived.</param>
public sealed record ResponseSources(byte[]? Json, Func<TimeSpan> Elapsed);
