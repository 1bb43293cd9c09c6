using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Reads YAML as JSON: objects, lists, strings, numbers, booleans, null. Refuses tags, anchors and aliases: aliases could expand a small text to a huge one.</summary>
internal sealed partial class YamlReader
{
    private readonly Parser _parser;
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    private YamlReader(string text) => _parser = new Parser(new StringReader(text));

    /// <exception cref="FormatException">The text is not YAML that this class accepts. The message says where.</exception>
    public static Document Read(string text)
    {
        try
        {
            var reader = new YamlReader(text);
            reader._parser.Consume<StreamStart>();
            if (reader._parser.Accept<StreamEnd>(out _))
            {
                throw new FormatException("The text is empty.");
            }

            reader._parser.Consume<DocumentStart>();
            var root = reader.Value("", 0) as JsonObject ?? throw new FormatException("The text is not YAML with 'version' and 'projects'.");
            reader._parser.Consume<DocumentEnd>();
            reader._parser.Consume<StreamEnd>();
            return new(root, reader._lines);
        }
        catch (YamlException exception)
        {
            throw new FormatException($"line {exception.Start.Line}: it is not YAML: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>True if YAML would read the unquoted text as a number, boolean or null, and not as a text.</summary>
    public static bool NeedsQuotes(string text) => Plain(text) is not { } value || value.GetValueKind() != System.Text.Json.JsonValueKind.String;

    private JsonNode? Value(string path, int depth)
    {
        var line = (int)_parser.Current!.Start.Line;
        _lines.TryAdd(path, line);
        if (depth > Document.MaxNesting)
        {
            throw new FormatException($"line {line}: the text is nested too deeply.");
        }

        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias || (_parser.Current is NodeEvent { Tag.IsEmpty: false } tagged && tagged.Tag != "!"))
        {
            throw new FormatException($"line {line}: anchors, aliases and tags are not supported.");
        }

        if (_parser.Current is Scalar { Value: var text } && !Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Equals(text, StringComparison.Ordinal))
        {
            throw new FormatException($"line {line}: the text must not have an escape such as \\ud800 that is an unpaired surrogate.");
        }

        return _parser.TryConsume<MappingStart>(out _) ? Object(path, depth)
            : _parser.TryConsume<SequenceStart>(out _) ? List(path, depth)
            : Scalar(_parser.Consume<Scalar>());
    }

    private JsonObject Object(string path, int depth)
    {
        var members = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var line = (int)_parser.Current!.Start.Line;
            if (!_parser.TryConsume<Scalar>(out var name))
            {
                throw new FormatException($"line {line}: the name of a member must be a text, and not a list or an object.");
            }

            var at = path.Length == 0 ? name.Value : $"{path}.{name.Value}";
            _lines.TryAdd(at, line);
            if (!members.TryAdd(name.Value, Value(at, depth + 1)))
            {
                throw new FormatException($"line {line}: '{name.Value}' appears twice.");
            }
        }

        return members;
    }

    private JsonArray List(string path, int depth)
    {
        var items = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Value($"{path}[{items.Count}]", depth + 1));
        }

        return items;
    }

    private static JsonValue? Scalar(Scalar scalar) => scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? Plain(scalar.Value) : JsonValue.Create(scalar.Value);

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => JsonValue.Create(true),
        "false" or "False" or "FALSE" => JsonValue.Create(false),
        _ => Number().IsMatch(text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(text),
    };

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$")]
    private static partial Regex Number();
}
