namespace Cencori.Edge.Bodies;

/// <summary>What a request asks for, once it has been read, whatever becomes of it.</summary>
/// <param name="Name">The model as the caller wrote it; null where it names none.</param>
/// <param name="IsStream">The caller asked for a stream of events.</param>
public sealed record RequestedModel(string? Name, bool IsStream);
