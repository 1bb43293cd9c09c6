using System.Text.Json;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Loads a logged request into the playground.</summary>
internal static class PlaygroundReplay
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Converts a logged request to playground input. The note says which parts could not be loaded; null: all were loaded.</summary>
    public static (PlaygroundInput Input, string? Note) Of(RequestRecord record, Payload payload)
    {
        var bare = new PlaygroundInput { Environment = record.Environment, Model = record.ModelAsked ?? "", Turns = [new Turn("user", "")] };
        if (payload.Request is not { } request)
        {
            return (bare, "The payload of this request was not kept. Only its model and environment were loaded.");
        }

        if (payload.RequestTruncated)
        {
            return (bare, "Only the beginning of this request is stored. Only its model and environment were loaded.");
        }

        try
        {
            using var document = JsonDocument.Parse(request);
            var root = document.RootElement;
            return root.TryGetProperty("messages", out var messages) && messages.ValueKind == JsonValueKind.Array ? (Read(bare, root, messages), null)
                : (bare, "This request is not a chat. Only its model and environment were loaded.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The payload is no JSON, or has an escape of half a surrogate pair, which cannot be decoded as text.
            return (bare, "This request is not JSON. Only its model and environment were loaded.");
        }
    }

    private static PlaygroundInput Read(PlaygroundInput bare, JsonElement root, JsonElement messages)
    {
        var all = messages.EnumerateArray().Where(message => message.ValueKind == JsonValueKind.Object).ToList();
        var system = all.Where(IsSystem).Select(TextOf);
        var turns = all.Where(message => !IsSystem(message)).Select(TurnOf).ToList();
        return bare with
        {
            System = string.Join("\n\n", system),
            Tools = root.TryGetProperty("tools", out var tools) && tools.ValueKind == JsonValueKind.Array ? JsonSerializer.Serialize(tools, Indented) : "",
            Temperature = Number(root, "temperature"),
            MaxTokens = Number(root, "max_completion_tokens") is { Length: > 0 } max ? max : Number(root, "max_tokens"),
            Turns = turns.Count == 0 ? bare.Turns : turns,
        };
    }

    private static bool IsSystem(JsonElement message) => Text(message, "role") is "system" or "developer";

    private static Turn TurnOf(JsonElement message) => new(Text(message, "role") is { } role && Turn.Roles.Contains(role) ? role : "user", TextOf(message))
    {
        Images = [.. Parts(message).Where(part => Text(part, "type") == "image_url" && part.TryGetProperty("image_url", out _))
            .Select(part => Text(part.GetProperty("image_url"), "url")).OfType<string>().Where(url => url.StartsWith("data:image/", StringComparison.Ordinal))],
        Calls = message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array ? calls.GetRawText() : null,
        CallId = Text(message, "tool_call_id"),
    };

    private static string TextOf(JsonElement message) => Text(message, "content") ?? string.Join('\n', Parts(message).Select(part => Text(part, "text")).OfType<string>());

    private static JsonElement.ArrayEnumerator Parts(JsonElement message) =>
        message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array ? content.EnumerateArray() : default;

    private static string Number(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : "";

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
