using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>What a client has received of an OpenAI stream, up to its end or an error in it.</summary>
internal sealed class ChatReading
{
    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _calls = new(StringComparer.Ordinal);

    public string? Error { get; private set; }

    public bool IsDone { get; private set; }

    public JsonNode? Usage { get; private set; }

    public SortedDictionary<long, string> Reasons { get; } = [];

    public int Chunks { get; private set; }

    /// <summary>The texts, by choice and kind, as lines.</summary>
    public string Texts => string.Join('\n', _texts.Select(text => $"{text.Key}: {JsonSerializer.Serialize(text.Value)}"));

    /// <summary>The tool calls, by choice and index, as lines.</summary>
    public string Calls => string.Join('\n', _calls.Select(call => $"{call.Key}: {JsonSerializer.Serialize(call.Value)}"));

    public string TextOf(long choice) => _texts.GetValueOrDefault($"{choice} content", "");

    public static ChatReading Of(byte[] stream)
    {
        var reading = new ChatReading();
        foreach (var item in SseParser.Create(new MemoryStream(stream)).Enumerate())
        {
            if (item.Data == "[DONE]")
            {
                reading.IsDone = true;
                break;
            }

            if (Parse(item.Data) is not { } chunk)
            {
                continue;
            }

            if (chunk["error"] is { } error)
            {
                reading.Error = error is JsonObject ? (string?)error["message"] : (string?)error;
                break;
            }

            reading.Add(chunk);
        }

        return reading;
    }

    public void Add(JsonNode chunk)
    {
        Chunks++;
        Usage = chunk["usage"] ?? Usage;
        foreach (var choice in chunk["choices"] as JsonArray ?? [])
        {
            var index = (long)choice!["index"]!;
            foreach (var (name, value) in choice["delta"]!.AsObject())
            {
                Add(index, name, value);
            }

            if (choice["finish_reason"] is { } reason)
            {
                Reasons[index] = (string)reason!;
            }
        }
    }

    private void Add(long choice, string name, JsonNode? value)
    {
        switch (name)
        {
            case "tool_calls":
                foreach (var call in value as JsonArray ?? [])
                {
                    var key = $"{choice} {call!["index"]}";
                    AddTo(_calls, $"{key} id", (string?)call["id"]);
                    AddTo(_calls, $"{key} name", (string?)call["function"]!["name"]);
                    AddTo(_calls, $"{key} arguments", (string?)call["function"]!["arguments"]);
                }

                break;
            case "function_call":
                AddTo(_calls, $"{choice} function", (string?)value!["arguments"]);
                break;
            case "role":
                break;
            default:
                AddTo(_texts, $"{choice} {name}", (string?)value);
                break;
        }
    }

    private static void AddTo(SortedDictionary<string, string> texts, string key, string? more)
    {
        if (!string.IsNullOrEmpty(more))
        {
            texts[key] = texts.GetValueOrDefault(key, "") + more;
        }
    }

    private static JsonNode? Parse(string data)
    {
        try
        {
            return JsonNode.Parse(data) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
