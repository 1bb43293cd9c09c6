using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>Frames JSON as server-sent events, one at a time, in one buffer that each event reuses.</summary>
internal sealed class SandboxEventBuffer : IDisposable
{
    private readonly ArrayBufferWriter<byte> _bytes = new(512);
    private readonly Utf8JsonWriter _json;

    public SandboxEventBuffer()
    {
        _json = new Utf8JsonWriter(_bytes, SandboxJson.Options);
    }

    public SandboxEvent Frame(Action<Utf8JsonWriter> write, string? name = null, bool isDelta = false)
    {
        _bytes.ResetWrittenCount();
        if (name is not null)
        {
            _bytes.Write("event: "u8);
            Encoding.UTF8.GetBytes(name, _bytes);
            _bytes.Write("\n"u8);
        }

        _bytes.Write("data: "u8);
        _json.Reset();
        write(_json);
        _json.Flush();
        _bytes.Write("\n\n"u8);
        return new SandboxEvent(_bytes.WrittenMemory, isDelta);
    }

    public void Dispose() => _json.Dispose();
}
