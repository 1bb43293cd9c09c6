using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Writes the memory entries that were added to the prompt as the list of sources of a response. Clients expect exactly
/// these members of each source.</summary>
internal static class SourceList
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(IReadOnlyList<RecalledMemory> memories)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, Options))
        {
            json.WriteStartArray();
            foreach (var memory in memories)
            {
                json.WriteStartObject();
                json.WriteString("content", Encoding.UTF8.GetBytes(memory.Content));
                json.WritePropertyName("metadata");
                json.WriteRawValue(memory.Metadata ?? "{}");
                json.WriteNumber("similarity", memory.Similarity);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return text.WrittenSpan.ToArray();
    }
}
