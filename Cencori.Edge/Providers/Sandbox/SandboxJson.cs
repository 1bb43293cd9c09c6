using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>The JSON settings of the sandbox.</summary>
internal static class SandboxJson
{
    // Writes non-ASCII characters unescaped, as OpenAI does. With escapes, tests would not see the UTF-8 bytes that the edge must handle.
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static MediaTypeHeaderValue ContentType => new("application/json");

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(bytes, Options);
        write(json);
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }
}
