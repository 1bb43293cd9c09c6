using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>How the sandbox puts JSON on the wire.</summary>
internal static class SandboxJson
{
    // OpenAI sends characters beyond ASCII as they are; escaping them would spare the edge the very bytes it must handle.
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
