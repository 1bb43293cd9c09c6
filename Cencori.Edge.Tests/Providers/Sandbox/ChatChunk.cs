using System.Text.Json;

namespace Cencori.Edge.Tests.Providers.Sandbox;

internal static class ChatChunk
{
    /// <summary>The text of a chunk's first choice; empty if there is none.</summary>
    public static string Content(JsonElement chunk) =>
        chunk.GetProperty("choices") is var choices
        && choices.GetArrayLength() > 0
        && choices[0].GetProperty("delta").TryGetProperty("content", out var content)
            ? content.GetString() ?? ""
            : "";
}
