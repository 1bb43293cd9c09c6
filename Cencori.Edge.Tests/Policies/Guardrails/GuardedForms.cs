using System.Text.Json;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>The formats of streams, and how callers read them.</summary>
internal static class GuardedForms
{
    /// <param name="form">The format.</param>
    /// <param name="pieces">The pieces of the text.</param>
    /// <param name="text">The whole text.</param>
    /// <returns>The path, the provider's stream, and a function that returns each text that a caller reads.</returns>
    public static (string Path, string Stream, Func<string, IEnumerable<string?>> Read) Of(string form, List<string> pieces, string text) => form switch
    {
        "choices" => ("/v1/chat/completions", string.Concat(pieces.Select(piece => PolicyEdge.ChunkOf(piece) + PolicyEdge.ChunkOf(piece, 1))) + PolicyEdge.EndOf().Split("data: [DONE]")[0] + PolicyEdge.EndOf().Replace("\"index\":0", "\"index\":1", StringComparison.Ordinal),
            static stream => [PolicyEdge.TextOf(stream), PolicyEdge.TextOf(stream, 1)]),
        "responses" => ("/v1/responses", string.Concat(pieces.Select(piece => Event("response.output_text.delta", $"\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":{Json(piece)}")))
            + Event("response.output_text.done", $"\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"text\":{Json(text)}")
            + Event("response.completed", $"\"response\":{{\"id\":\"r\",\"output\":[{{\"content\":[{{\"type\":\"output_text\",\"text\":{Json(text)}}}]}}],\"usage\":{{\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}}}"), ReadResponses),
        "messages" => ("/v1/messages", string.Concat(pieces.Select(piece => Event("content_block_delta", $"\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":{Json(piece)}}}")))
            + Event("content_block_stop", "\"index\":0") + Event("message_delta", "\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":1}") + Event("message_stop", "\"x\":0"),
            static stream => [string.Concat(Data(stream).Where(data => data.GetProperty("type").GetString() == "content_block_delta").Select(data => data.GetProperty("delta").GetProperty("text").GetString()))]),
        "native" => ("/api/ai/chat", Chat(pieces), ReadNative),
        _ => ("/v1/chat/completions", Chat(pieces), static stream => [PolicyEdge.TextOf(stream)]),
    };

    /// <summary>Cuts a text into pieces, never inside a character.</summary>
    public static List<string> Cut(Random random, string text)
    {
        var pieces = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(text.Length - at, random.Next(5) == 0 ? random.Next(1, 300) : random.Next(1, 9));
            length += at + length < text.Length && char.IsLowSurrogate(text[at + length]) ? 1 : 0;
            pieces.Add(text.Substring(at, length));
            at += length;
        }

        return pieces;
    }

    private static string Chat(List<string> pieces) => string.Concat(pieces.Select(piece => PolicyEdge.ChunkOf(piece))) + PolicyEdge.EndOf();

    private static IEnumerable<string?> ReadResponses(string stream)
    {
        var events = Data(stream);
        yield return string.Concat(events.Where(data => data.GetProperty("type").GetString() == "response.output_text.delta").Select(data => data.GetProperty("delta").GetString()));
        yield return events.Single(data => data.GetProperty("type").GetString() == "response.output_text.done").GetProperty("text").GetString();
        yield return events[^1].GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString();
    }

    // Clients stop reading at the finish reason.
    private static IEnumerable<string?> ReadNative(string stream)
    {
        var events = Data(stream);
        var end = events.FindIndex(data => data.TryGetProperty("finish_reason", out _));
        yield return string.Concat(events.Take(end + 1).Select(data => data.GetProperty("delta").GetString()));
        yield return PolicyEdge.TextOf(stream);
    }

    private static string Event(string type, string members) => $"event: {type}\ndata: {{\"type\":\"{type}\",{members}}}\n\n";

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static List<JsonElement> Data(string stream) =>
        [.. stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonElement.Parse(line["data: ".Length..]))];
}
