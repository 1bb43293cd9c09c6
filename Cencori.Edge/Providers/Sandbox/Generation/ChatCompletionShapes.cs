using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>Writes one chat completion as JSON, whole or in chunks.</summary>
internal sealed class ChatCompletionShapes(SandboxModel model, ModelOutput output, int choices, int promptTokens, long created)
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";
    private readonly string _callId = $"call_{Guid.NewGuid():N}";

    public void WriteWhole(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion");
        json.WriteStartArray("choices");
        for (var i = 0; i < choices; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index", i);
            json.WriteStartObject("message");
            json.WriteString("role", "assistant");
            json.WriteString("content", output.Call is null ? output.Text : null);
            json.WriteNull("refusal");
            WriteCall(json, output.Call);
            json.WriteEndObject();
            json.WriteNull("logprobs");
            json.WriteString("finish_reason", output.FinishReason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteUsage(json);
        json.WriteEndObject();
    }

    public IEnumerable<SandboxEvent> Chunks(bool includeUsage)
    {
        using var buffer = new SandboxEventBuffer();
        for (var i = 0; i < choices; i++)
        {
            yield return buffer.Frame(Chunk(i, includeUsage, WriteOpening));
            foreach (var piece in output.Call?.Pieces ?? output.Deltas(model))
            {
                yield return buffer.Frame(Chunk(i, includeUsage, json => WriteDelta(json, piece)), isDelta: true);
            }

            yield return buffer.Frame(Chunk(i, includeUsage, static _ => { }, output.FinishReason));
        }

        if (includeUsage)
        {
            yield return buffer.Frame(WriteUsageChunk);
        }

        yield return SandboxEvent.Done;
    }

    private Action<Utf8JsonWriter> Chunk(int index, bool includeUsage, Action<Utf8JsonWriter> delta, string? finishReason = null) => json =>
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteStartObject();
        json.WriteNumber("index", index);
        json.WriteStartObject("delta");
        delta(json);
        json.WriteEndObject();
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
        json.WriteEndArray();
        if (includeUsage)
        {
            // With include_usage, OpenAI sends "usage": null in every chunk before the last.
            json.WriteNull("usage");
        }

        json.WriteEndObject();
    };

    private void WriteOpening(Utf8JsonWriter json)
    {
        json.WriteString("role", "assistant");
        json.WriteString("content", output.Call is null ? "" : null);
        json.WriteNull("refusal");
        WriteCall(json, output.Call is null ? null : output.Call with { Arguments = "" }, index: 0);
    }

    private void WriteDelta(Utf8JsonWriter json, string piece)
    {
        if (output.Call is not { } call)
        {
            json.WriteString("content", piece);
            return;
        }

        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteNumber("index", 0);
        json.WriteStartObject(call.Kind);
        json.WriteString(call.ArgumentsName, piece);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteCall(Utf8JsonWriter json, FunctionCall? call, int? index = null)
    {
        if (call is null)
        {
            return;
        }

        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        if (index is { } position)
        {
            json.WriteNumber("index", position);
        }

        json.WriteString("id", _callId);
        json.WriteString("type", call.Kind);
        json.WriteStartObject(call.Kind);
        json.WriteString("name", call.Name);
        json.WriteString(call.ArgumentsName, call.Arguments);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteUsageChunk(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteHead(json, "chat.completion.chunk");
        json.WriteStartArray("choices");
        json.WriteEndArray();
        WriteUsage(json);
        json.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter json, string kind)
    {
        json.WriteString("id", _id);
        json.WriteString("object", kind);
        json.WriteNumber("created", created);
        json.WriteString("model", model.Name);
    }

    private void WriteUsage(Utf8JsonWriter json) => CompletionUsage.Write(json, promptTokens, output.TokenCount * choices);
}
