namespace Cencori.Edge.Dialects;

/// <summary>The data that the edge adds to the model's output in a response with sources.</summary>
/// <param name="Json">The sources as a JSON array: the memory entries that the edge added to the prompt. Null: the caller does not want the sources.</param>
/// <param name="Elapsed">Returns the time since the request arrived.</param>
public sealed record ResponseSources(byte[]? Json, Func<TimeSpan> Elapsed);
