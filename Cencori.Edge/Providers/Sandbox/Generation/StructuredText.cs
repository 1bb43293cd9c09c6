using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>The JSON text that the caller's response format requires.</summary>
internal static class StructuredText
{
    private static readonly JsonElement AnySchema =
        JsonElement.Parse("""{"type":"object","properties":{"answer":{"type":"string"}}}""");

    /// <summary>Reads <c>response_format</c> of a chat completion or <c>text.format</c> of a response; null if plain text is allowed.</summary>
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

    // Chat completions have the schema one level deeper than the responses API.
    private static JsonElement SchemaIn(JsonElement format)
    {
        var holder = format.TryGetProperty("json_schema", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : format;
        return holder.TryGetProperty("schema", out var schema) ? schema : AnySchema;
    }
}
