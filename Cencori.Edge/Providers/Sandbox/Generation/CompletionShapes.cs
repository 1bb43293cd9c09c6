using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>Writes one text completion as JSON, whole or in chunks. Both have the same object name.</summary>
internal sealed class CompletionShapes(SandboxModel model, IReadOnlyList<ModelOutput> outputs, int promptTokens, long created)
{
    private readonly string _id = $"cmpl-{Guid.NewGuid():N}";

    public void WriteWhole(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteHead(json);
        json.WriteStartArray("choices");
        for (var i = 0; i < outputs.Count; i++)
        {
            WriteChoice(json, i, outputs[i].Text, outputs[i].FinishReason);
        }

        json.WriteEndArray();
        WriteUsage(json);
        json.WriteEndObject();
    }

    public IEnumerable<SandboxEvent> Chunks(bool includeUsage)
    {
        using var buffer = new SandboxEventBuffer();
        for (var i = 0; i < outputs.Count; i++)
        {
            foreach (var piece in outputs[i].Deltas(model))
            {
                yield return buffer.Frame(Chunk(i, piece, null, includeUsage), isDelta: true);
            }

            yield return buffer.Frame(Chunk(i, "", outputs[i].FinishReason, includeUsage));
        }

        if (includeUsage)
        {
            yield return buffer.Frame(WriteUsageChunk);
        }

        yield return SandboxEvent.Done;
    }

    private Action<Utf8JsonWriter> Chunk(int index, string text, string? finishReason, bool includeUsage) => json =>
    {
        json.WriteStartObject();
        WriteHead(json);
        json.WriteStartArray("choices");
        WriteChoice(json, index, text, finishReason);
        json.WriteEndArray();
        if (includeUsage)
        {
            json.WriteNull("usage");
        }

        json.WriteEndObject();
    };

    private void WriteUsageChunk(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteHead(json);
        json.WriteStartArray("choices");
        json.WriteEndArray();
        WriteUsage(json);
        json.WriteEndObject();
    }

    private void WriteHead(Utf8JsonWriter json)
    {
        json.WriteString("id", _id);
        json.WriteString("object", "text_completion");
        json.WriteNumber("created", created);
        json.WriteString("model", model.Name);
    }

    private static void WriteChoice(Utf8JsonWriter json, int index, string text, string? finishReason)
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        json.WriteNumber("index", index);
        json.WriteNull("logprobs");
        json.WriteString("finish_reason", finishReason);
        json.WriteEndObject();
    }

    private void WriteUsage(Utf8JsonWriter json) => CompletionUsage.Write(json, promptTokens, outputs.Sum(output => output.TokenCount));
}
