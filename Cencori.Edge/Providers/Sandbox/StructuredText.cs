using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>The JSON text that a caller's response format asks for.</summary>
internal static class StructuredText
{
    private static readonly JsonElement AnySchema =
        JsonElement.Parse("""{"type":"object","properties":{"answer":{"type":"string"}}}""");

    /// <summary>Reads <c>response_format</c> of a chat completion or <c>text.format</c> of a response; null when plain text will do.</summary>
    public static string? For(JsonElement format, Conversation conversation)
    {
        if (format.ValueKind != JsonValueKind.Object || !format.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        return type.GetString() switch
        {
            "json_object" => SchemaSample.Object(AnySchema, conversation.Excerpt, conversation.Aborted),
            "json_schema" => SchemaSample.Object(SchemaIn(format), conversation.Excerpt, conversation.Aborted),
            _ => null,
        };
    }

    // Chat completions nest the schema once more than responses do.
    private static JsonElement SchemaIn(JsonElement format)
    {
        var holder = format.TryGetProperty("json_schema", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : format;
        return holder.TryGetProperty("schema", out var schema) ? schema : AnySchema;
    }
}
