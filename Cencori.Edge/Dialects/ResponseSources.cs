namespace Cencori.Edge.Dialects;

/// <summary>What a response with sources contains besides the model's output.</summary>
/// <param name="Json">The list of sources as JSON. Null: the caller does not want it.</param>
/// <param name="Elapsed">Time since the request arrived.</param>
public sealed record ResponseSources(byte[]? Json, Func<TimeSpan> Elapsed);
