namespace Cencori.Edge.Dialects;

/// <summary>What a response with sources tells beside what the model says.</summary>
/// <param name="Json">The list of sources as JSON. Null: the caller does not want them.</param>
/// <param name="Elapsed">Since the request came.</param>
public sealed record ResponseSources(byte[]? Json, Func<TimeSpan> Elapsed);
