using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>Generated JSON text, spelled as oddly as the grammar allows.</summary>
internal static class SomeJson
{
    private static readonly Gen<string> Space = Gen.OneOfConst("", "", "", " ", "\n", "\t \r\n");

    private static readonly Gen<string> Words = Gen.OneOf(
        Gen.OneOfConst("model", "gpt-4o", "data:image/png;base64,AAAA", "é漢😀", "\"quoted\"\\", "\u0001\n\t/", ""),
        Gen.String[Gen.Char[' ', '~'], 0, 12]);

    private static readonly Gen<string> Numbers = Gen.OneOfConst("0", "-0", "1", "-17", "3.25", "1e3", "100.0", "123456789012345678901234567890", "1e400");

    private static readonly Gen<string> Names = Gen.OneOfConst(
        "model", "stream", "messages", "data", "file_data", "url", "include_usage", "input", "prompt", "x", "content", "n");

    /// <summary>A string as JSON: each character plain where it may be, or escaped one way or another.</summary>
    public static Gen<string> Spelled(string text) => Gen.Int[0, 3].Array[text.Length].Select(ways =>
    {
        var spelled = new StringBuilder("\"");
        for (var i = 0; i < text.Length; i++)
        {
            var mustEscape = text[i] is '"' or '\\' or < ' ';
            spelled.Append(ways[i] == 0 || (mustEscape && ways[i] != 1) ? $"\\u{(int)text[i]:x4}"
                : mustEscape ? JsonEncodedText.Encode(text[i].ToString()).Value
                : text[i] == '/' && ways[i] == 1 ? "\\/"
                : text[i]);
        }

        // A pair must be spelled one way as a whole, or half of it would stand alone in UTF-8.
        return ways.Contains(0) && text.Any(char.IsSurrogate) ? $"\"{JsonEncodedText.Encode(text).Value}\"" : spelled.Append('"').ToString();
    });

    public static Gen<string> String { get; } = Words.SelectMany(Spelled);

    public static Gen<string> Value { get; } = Nested(4);

    private static Gen<string> Typed { get; } = Property(
        "type", Gen.OneOf(Gen.OneOfConst("image", "image_url", "input_image", "input_audio", "text", "json_schema").SelectMany(Spelled), Value));

    /// <summary>A request: properties the edge reads with values they can have, others with any, repeated at will.</summary>
    public static Gen<string> Request { get; } = Object(Gen.OneOf(
        Property("model", Gen.OneOfConst("gpt-4o", "é漢😀", "a\"b\\c", "org/model:1").SelectMany(Spelled)),
        Property("stream", Gen.OneOfConst("true", "false", "null")),
        Property("stream_options", Gen.OneOf(Gen.Const("null"), Object(Gen.OneOf(
            Property("include_usage", Gen.OneOfConst("true", "false", "null")),
            Property("other", Value))))),
        Property("max_tokens", Gen.OneOfConst("0", "7", "1e3", "100.0", "null", "99999999999999999999")),
        Property("max_completion_tokens", Gen.OneOfConst("5", "null")),
        Property("n", Gen.OneOfConst("1", "3", "null")),
        Property("messages", Array(Value)),
        Property("input", Value),
        Property("tools", Value),
        Property("metadata", Value),
        Property("modèle", Value)));

    /// <summary>A request to the native endpoint: names in either spelling, and a model only sometimes.</summary>
    public static Gen<string> NativeRequest { get; } = Object(Gen.OneOf(
        Property("model", Gen.OneOfConst("null", "\"gpt-4o\"", "\"openai/gpt-4o\"")),
        Property("maxTokens", Gen.OneOfConst("0", "7", "1e3", "null")),
        Property("max_tokens", Gen.OneOfConst("5", "null")),
        Property("toolChoice", Value),
        Property("tool_choice", Value),
        Property("userId", String),
        Property("user", String),
        Property("frequencyPenalty", Numbers),
        Property("presencePenalty", Numbers),
        Property("responseFormat", Value),
        Property("encodingFormat", Value),
        Property("stream", Gen.OneOfConst("true", "false", "null")),
        Property("messages", Array(Value)),
        Property("MaxTokens", Value),
        Property("top_p", Numbers),
        Property("seed", Numbers),
        Property("stop", Value),
        Property("modèle", Value)));

    /// <summary>A request with what routes choose by, in place and out of place.</summary>
    public static Gen<string> RoutedRequest { get; } = Object(Gen.OneOf(
        Property("user", Gen.OneOf(String, Numbers)),
        Property("prompt_cache_key", Gen.OneOf(String, Numbers)),
        Property("metadata", Gen.OneOf(Value, Object(Gen.OneOf(Property("a", String), Property("b", Value), Property("c", Value))))),
        Property("tools", Gen.OneOf(Array(Value), Value)),
        Property("functions", Value),
        Property("messages", Array(Message(3))),
        Property("input", Gen.OneOf(Value, Array(Message(2)))),
        Property("response_format", Gen.OneOf(Value, Object(Typed))),
        Property("text", Gen.OneOf(Value, Object(Gen.OneOf(Property("format", Object(Typed)), Property("other", Object(Typed)), Typed)))),
        Property("modalities", Gen.OneOf(Array(Gen.OneOfConst("audio", "text").SelectMany(Spelled)), Value)),
        Property("audio", Value),
        Property("x", Value)));

    public static JsonDocument Parse(ReadOnlyMemory<byte> json) => JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });

    public static JsonNode? Node(ReadOnlySpan<byte> json) => JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { MaxDepth = 512 });

    private static Gen<string> Message(int depth) => Gen.OneOf(Value, Object(Gen.OneOf(
        Typed,
        Property("role", Gen.OneOfConst("user", "system").SelectMany(Spelled)),
        Property("x", Object(Typed)),
        Gen.OneOfConst("content", "output", "x").SelectMany(name => Property(name, depth == 0 ? Value : Array(Message(depth - 1)))))));

    private static Gen<string> Nested(int depth)
    {
        var leaf = Gen.OneOf(String, Numbers, Gen.OneOfConst("true", "false", "null"));
        return depth == 0 ? leaf : Gen.OneOf(leaf, Array(Nested(depth - 1)), Object(Names.SelectMany(name => Property(name, Nested(depth - 1)))));
    }

    private static Gen<string> Property(string name, Gen<string> value) =>
        Gen.Select(Spelled(name), Space, Space, value, (spelled, before, after, json) => $"{spelled}{before}:{after}{json}");

    private static Gen<string> Object(Gen<string> property) => Listed(property, '{', '}');

    private static Gen<string> Array(Gen<string> value) => Listed(value, '[', ']');

    private static Gen<string> Listed(Gen<string> item, char open, char close) =>
        Gen.Select(Gen.Select(Space, item, Space, (before, json, after) => before + json + after).Array[0, 6], Space,
            (items, space) => items.Length == 0 ? $"{open}{space}{close}" : $"{open}{string.Join(',', items)}{close}");
}
