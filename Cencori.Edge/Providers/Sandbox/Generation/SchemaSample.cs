using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>The simplest JSON object that a JSON schema allows. Strings hold the user's text.</summary>
internal sealed class SchemaSample
{
    private const int DeepestValue = 32;
    private const int LongestSample = 256 * 1024;

    private readonly JsonElement _root;
    private readonly string _text;
    private readonly Utf8JsonWriter _json;
    private readonly CancellationToken _aborted;

    // Limits the number of values in the output: a schema may refer to itself several times, so a limit of depth alone would not be enough.
    private int _valuesLeft = 1_000;

    // Limits the bytes that lookups scan. A lookup of a member scans its whole element, so a wide schema would be scanned again for every value.
    private long _bytesLeft = 64 * 1024 * 1024;

    private SchemaSample(JsonElement root, string text, Utf8JsonWriter json, CancellationToken aborted)
    {
        _root = root;
        _text = text;
        _json = json;
        _aborted = aborted;
    }

    private bool IsSpent => _valuesLeft <= 0 || _bytesLeft <= 0 || _json.BytesCommitted + _json.BytesPending > LongestSample;

    /// <summary>Returns pure ASCII, so that a stream may cut it anywhere.</summary>
    public static string Object(JsonElement schema, string text, CancellationToken aborted = default)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        var sample = new SchemaSample(schema, text, json, aborted);
        sample.WriteObject(sample.Resolve(schema), depth: 0);
        json.Flush();
        return Encoding.ASCII.GetString(bytes.WrittenSpan);
    }

    private void WriteObject(JsonElement schema, int depth)
    {
        _json.WriteStartObject();
        var properties = Member(schema, "properties", JsonValueKind.Object);
        var required = Member(schema, "required", JsonValueKind.Array);
        var known = Properties(properties);
        var names = required is { } list && list.GetArrayLength() > 0 ? Names(list) : known.Keys;
        foreach (var name in names)
        {
            if (IsSpent)
            {
                break;
            }

            _json.WritePropertyName(name);
            WriteValue(known.GetValueOrDefault(name), depth + 1);
        }

        _json.WriteEndObject();
    }

    private OrderedDictionary<string, JsonElement> Properties(JsonElement? properties)
    {
        var known = new OrderedDictionary<string, JsonElement>();
        if (properties is { } all && Pay(all))
        {
            foreach (var property in all.EnumerateObject())
            {
                known[property.Name] = property.Value;
            }
        }

        return known;
    }

    private IEnumerable<string> Names(JsonElement list) => Pay(list)
        ? list.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!).Distinct()
        : [];

    private void WriteValue(JsonElement schema, int depth)
    {
        _aborted.ThrowIfCancellationRequested();
        _valuesLeft--;
        if (depth > DeepestValue || IsSpent)
        {
            _json.WriteNullValue();
            return;
        }

        schema = Resolve(schema);
        if (Member(schema, "const") is { } constant)
        {
            constant.WriteTo(_json);
        }
        else if (Member(schema, "enum", JsonValueKind.Array) is { } choices && choices.GetArrayLength() > 0)
        {
            choices[0].WriteTo(_json);
        }
        else if (FirstAlternative(schema) is { } alternative)
        {
            WriteValue(alternative, depth + 1);
        }
        else
        {
            WriteTyped(schema, depth);
        }
    }

    private void WriteTyped(JsonElement schema, int depth)
    {
        var type = TypeOf(schema);
        switch (type)
        {
            case "object":
                WriteObject(schema, depth);
                break;
            case "array":
                WriteArray(schema, depth);
                break;
            case "number" or "integer":
                WriteNumber(schema, isWhole: type == "integer");
                break;
            case "boolean":
                _json.WriteBooleanValue(true);
                break;
            case "null":
                _json.WriteNullValue();
                break;
            default:
                _json.WriteStringValue(SampleText.Of(_text, Member(schema, "format", JsonValueKind.String)?.GetString(), Length(schema, "minLength"), Length(schema, "maxLength")));
                break;
        }
    }

    private void WriteArray(JsonElement schema, int depth)
    {
        _json.WriteStartArray();
        var requested = Length(schema, "minItems") ?? 0;
        for (var i = 0; i < requested && !IsSpent; i++)
        {
            WriteValue(Member(schema, "items", JsonValueKind.Object) ?? default, depth + 1);
        }

        _json.WriteEndArray();
    }

    private void WriteNumber(JsonElement schema, bool isWhole)
    {
        var step = Number(schema, "multipleOf");
        step = isWhole && (step is null || step % 1 != 0) ? 1 : step;
        _json.WriteNumberValue(new SampleNumber(Number(schema, "minimum"), Number(schema, "exclusiveMinimum"), Number(schema, "maximum"), Number(schema, "exclusiveMaximum"), step).Value);
    }

    private decimal? Number(JsonElement schema, string name) => Member(schema, name, JsonValueKind.Number) is { } member && member.TryGetDecimal(out var number) ? number : null;

    private int? Length(JsonElement schema, string name) => Member(schema, name, JsonValueKind.Number) is { } member && member.TryGetInt32(out var length) ? length : null;

    private string? TypeOf(JsonElement schema)
    {
        if (Member(schema, "type") is not { } type)
        {
            return Member(schema, "properties") is null ? null : "object";
        }

        // A list such as ["string", "null"] means an optional member in a strict schema.
        return type.ValueKind switch
        {
            JsonValueKind.String => type.GetString(),
            JsonValueKind.Array => type.EnumerateArray()
                .Where(one => one.ValueKind == JsonValueKind.String)
                .Select(one => one.GetString())
                .FirstOrDefault(one => one != "null", "null"),
            _ => null,
        };
    }

    private JsonElement? FirstAlternative(JsonElement schema)
    {
        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf", "allOf"])
        {
            if (Member(schema, keyword, JsonValueKind.Array) is { } list && list.GetArrayLength() > 0)
            {
                return list[0];
            }
        }

        return null;
    }

    /// <summary>Follows <c>$ref</c> inside the schema. A reference whose target does not exist allows any value.</summary>
    private JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; hops < DeepestValue && Member(schema, "$ref", JsonValueKind.String) is { } reference; hops++)
        {
            JsonElement? target = _root;
            foreach (var step in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                target = target is { } at ? Member(at, step) : null;
            }

            schema = target ?? default;
        }

        return schema;
    }

    private JsonElement? Member(JsonElement schema, string name, JsonValueKind? kind = null) =>
        schema.ValueKind == JsonValueKind.Object
        && Pay(schema)
        && schema.TryGetProperty(name, out var value)
        && (kind ?? value.ValueKind) == value.ValueKind
            ? value
            : null;

    private bool Pay(JsonElement walked)
    {
        _bytesLeft -= JsonMarshal.GetRawUtf8Value(walked).Length;
        return _bytesLeft > 0;
    }
}
