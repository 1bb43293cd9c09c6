namespace Cencori.Edge.Projects;

/// <summary>A prompt as requests use it: the version that is active. Immutable.</summary>
/// <param name="Name">The prompt's, unique in its project.</param>
/// <param name="Version">From 1.</param>
/// <param name="Content">Text with placeholders.</param>
/// <param name="Variables">Those of the content, each once.</param>
public sealed record ActivePrompt(string Name, int Version, string Content, IReadOnlyList<string> Variables);
