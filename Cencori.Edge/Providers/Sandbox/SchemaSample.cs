using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>The plainest JSON object that a JSON schema allows, with the user's words wherever it takes a string.</summary>
internal sealed class SchemaSample
{
    private const int DeepestValue = 32;

    private readonly JsonElement _root;
    private readonly string _text;
    private readonly Utf8JsonWriter _json;

    // A schema may refer to itself several times over; this ends what depth alone would let grow without bound.
    private int _valuesLeft = 1_000;

    private SchemaSample(JsonElement root, string text, Utf8JsonWriter json)
    {
        _root = root;
        _text = text;
        _json = json;
    }

    /// <summary>Pure ASCII: such a text may be cut anywhere when it is streamed.</summary>
    public static string Object(JsonElement schema, string text)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        new SchemaSample(schema, text, json).WriteObject(Resolve(schema, schema), depth: 0);
        json.Flush();
        return Encoding.ASCII.GetString(bytes.WrittenSpan);
    }

    private void WriteObject(JsonElement schema, int depth)
    {
        _json.WriteStartObject();
        var properties = Member(schema, "properties", JsonValueKind.Object);
        var required = Member(schema, "required", JsonValueKind.Array);
        var names = required is { } list && list.GetArrayLength() > 0
            ? list.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!)
            : properties?.EnumerateObject().Select(property => property.Name) ?? [];

        foreach (var name in names.Distinct())
        {
            _json.WritePropertyName(name);
            WriteValue(properties is { } known && known.TryGetProperty(name, out var property) ? property : default, depth + 1);
        }

        _json.WriteEndObject();
    }

    private void WriteValue(JsonElement schema, int depth)
    {
        if (depth > DeepestValue || --_valuesLeft < 0)
        {
            _json.WriteNullValue();
            return;
        }

        schema = Resolve(schema, _root);
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
        switch (TypeOf(schema))
        {
            case "object":
                WriteObject(schema, depth);
                break;
            case "array":
                WriteArray(schema, depth);
                break;
            case "number" or "integer":
                WriteNumber(schema);
                break;
            case "boolean":
                _json.WriteBooleanValue(true);
                break;
            case "null":
                _json.WriteNullValue();
                break;
            default:
                _json.WriteStringValue(_text);
                break;
        }
    }

    private void WriteArray(JsonElement schema, int depth)
    {
        _json.WriteStartArray();
        var wanted = Member(schema, "minItems", JsonValueKind.Number) is { } least && least.TryGetInt32(out var count) ? count : 0;
        for (var i = 0; i < wanted && _valuesLeft > 0; i++)
        {
            WriteValue(Member(schema, "items", JsonValueKind.Object) ?? default, depth + 1);
        }

        _json.WriteEndArray();
    }

    private void WriteNumber(JsonElement schema)
    {
        var value = 1m;
        if (Member(schema, "minimum", JsonValueKind.Number) is { } least && least.TryGetDecimal(out var minimum))
        {
            value = Math.Max(value, minimum);
        }

        if (Member(schema, "maximum", JsonValueKind.Number) is { } most && most.TryGetDecimal(out var maximum))
        {
            value = Math.Min(value, maximum);
        }

        _json.WriteNumberValue(value);
    }

    private static string? TypeOf(JsonElement schema)
    {
        if (Member(schema, "type") is not { } type)
        {
            return Member(schema, "properties") is null ? null : "object";
        }

        // ["string", "null"] is how a strict schema says optional.
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

    private static JsonElement? FirstAlternative(JsonElement schema)
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

    /// <summary>Follows <c>$ref</c> within the schema; a reference that leads nowhere allows anything.</summary>
    private static JsonElement Resolve(JsonElement schema, JsonElement root)
    {
        for (var hops = 0; hops < DeepestValue && Member(schema, "$ref", JsonValueKind.String) is { } reference; hops++)
        {
            JsonElement? target = root;
            foreach (var step in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                target = target is { } at ? Member(at, step) : null;
            }

            schema = target ?? default;
        }

        return schema;
    }

    private static JsonElement? Member(JsonElement schema, string name, JsonValueKind? kind = null) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) && (kind ?? value.ValueKind) == value.ValueKind
            ? value
            : null;
}
