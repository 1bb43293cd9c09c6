namespace Cencori.Edge.Projects;

/// <summary>The active version of a prompt, as requests use it. Immutable.</summary>
/// <param name="Name">Name of the prompt, unique in its project.</param>
/// <param name="Version">Version number, from 1.</param>
/// <param name="Content">Text with placeholders such as <c>{{name}}</c>.</param>
/// <param name="Variables">Names of the placeholders in the content, without duplicates.</param>
public sealed record ActivePrompt(string Name, int Version, string Content, IReadOnlyList<string> Variables);
