using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Description;

/// <summary>Generates the JSON schemas of the OpenAPI document from the .NET types that the API reads and writes.</summary>
internal sealed class Schemas
{
    // The framework describes the values of an enum only for its own converter. This one writes the same names.
    private static readonly JsonSerializerOptions Options = WithFrameworkEnums(AdminJson.Options);

    private readonly SortedDictionary<string, JsonNode> _schemas = new(StringComparer.Ordinal);

    public JsonObject Refer(Type type)
    {
        var name = type.Name;
        if (_schemas.TryAdd(name, new JsonObject()))
        {
            _schemas[name] = type == typeof(LogEntry) ? Entry() : Export(type, $"#/components/schemas/{name}");
        }

        return new() { ["$ref"] = $"#/components/schemas/{name}" };
    }

    public JsonObject Write() => new(_schemas.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value.DeepClone())));

    private JsonNode Export(Type type, string at)
    {
        // Prices have their own serializer options, because they omit null members.
        var options = type == typeof(ModelPrice) ? PriceRules.Json : Options;
        options.MakeReadOnly(populateMissingResolver: true);
        var schema = options.GetJsonSchemaAsNode(type, new()
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = (context, node) => Transform(context.TypeInfo.Type, context.Path.IsEmpty, node),
        });
        Move(schema, at);
        return schema;
    }

    private JsonNode Transform(Type type, bool isRoot, JsonNode node)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(PatchField<>))
        {
            // In most patch fields, null removes the setting. The .NET types do not show which fields refuse null, so the schema allows null in all.
            var schema = Export(type.GetGenericArguments()[0], "");
            if (schema is JsonObject members && members["type"] is JsonValue one)
            {
                members["type"] = new JsonArray(one.GetValue<string>(), "null");
            }

            return schema;
        }

        return isRoot || type != typeof(LogEntry) ? node : Refer(type);
    }

    private static JsonSerializerOptions WithFrameworkEnums(JsonSerializerOptions options)
    {
        var copy = new JsonSerializerOptions(options);
        copy.Converters.Clear();
        copy.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        return copy;
    }

    // A schema's references to itself are relative to the schema. This method makes them relative to the document's root.
    private static void Move(JsonNode? node, string at)
    {
        if (node is JsonObject members)
        {
            if (members["$ref"]?.GetValue<string>() is { } reference && reference.StartsWith('#') && !reference.StartsWith("#/components", StringComparison.Ordinal))
            {
                members["$ref"] = at + reference[1..];
            }

            foreach (var (_, value) in members)
            {
                Move(value, at);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                Move(item, at);
            }
        }
    }

    private static JsonObject Entry()
    {
        var properties = new JsonObject();
        foreach (var column in RecordColumns.All)
        {
            var type = column.Kind switch
            {
                RecordKind.Flag => "boolean",
                RecordKind.Money => "number",
                RecordKind.Json => "array",
                _ when column.IsText || column.Kind is RecordKind.Time or RecordKind.Choice => "string",
                _ => "integer",
            };
            properties[column.Member] = column.IsNullable ? new JsonObject { ["type"] = new JsonArray(type, "null") } : new JsonObject { ["type"] = type };
        }

        return new()
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. RecordColumns.All.Select(column => (JsonNode)column.Member)]),
            ["additionalProperties"] = false,
        };
    }
}
