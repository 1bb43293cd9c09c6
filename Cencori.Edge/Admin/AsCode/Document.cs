using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>What is administered, as text: YAML, or JSON.</summary>
/// <param name="Root">All of it.</param>
/// <param name="Lines">Where each part stands, by its path, such as <c>projects[0].agents[1].name</c>; of JSON nothing is known.</param>
internal sealed record Document(JsonObject Root, IReadOnlyDictionary<string, int> Lines)
{
    public const int MaxNesting = 32;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxNesting };

    /// <exception cref="FormatException">It is neither; the message tells where.</exception>
    public static Document Parse(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{"))
        {
            return YamlReader.Read(text);
        }

        try
        {
            var root = JsonNode.Parse(text, documentOptions: Strict) as JsonObject ?? throw new FormatException("It is no JSON object.");

            // Texts are read when they are asked for; here all are, so that half of a character is found.
            root.ToJsonString();
            return new(root, new Dictionary<string, int>());
        }
        catch (InvalidOperationException exception)
        {
            throw new FormatException("It has an escape such as \\ud800 that is half of a character.", exception);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"line {exception.LineNumber + 1}: it is not JSON, or has a member twice.", exception);
        }
    }

    /// <summary>The line of a part; else of what it stands in. Null: nothing is known.</summary>
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
