using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>A configuration document, parsed from YAML or JSON.</summary>
/// <param name="Root">The whole document.</param>
/// <param name="Lines">Line number of each part of the text, by path, such as <c>projects[0].agents[1].name</c>. Empty for JSON.</param>
internal sealed record Document(JsonObject Root, IReadOnlyDictionary<string, int> Lines)
{
    public const int MaxNesting = 32;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxNesting };

    /// <exception cref="FormatException">The text is neither YAML nor JSON; the message says where.</exception>
    public static Document Parse(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{"))
        {
            return YamlReader.Read(text);
        }

        try
        {
            var root = JsonNode.Parse(text, documentOptions: Strict) as JsonObject ?? throw new FormatException("The text must be a JSON object.");

            // JsonNode decodes strings lazily. This call decodes all of them, so that an unpaired surrogate is found now.
            root.ToJsonString();
            return new(root, new Dictionary<string, int>());
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("The text must not have an escape such as \\ud800 that is an unpaired surrogate.", exception);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"line {exception.LineNumber + 1}: the text must be JSON, and no object may have a member twice.", exception);
        }
    }

    /// <summary>Returns the line of the part at <paramref name="path"/>, or else of its nearest parent with a known line. Null: no line is known.</summary>
    public int? LineOf(string? path)
    {
        for (var part = path; !string.IsNullOrEmpty(part);)
        {
            if (Lines.TryGetValue(part, out var line))
            {
                return line;
            }

            var end = part.LastIndexOfAny(['.', '[']);
            part = end < 0 ? "" : part[..end];
        }

        return null;
    }
}
