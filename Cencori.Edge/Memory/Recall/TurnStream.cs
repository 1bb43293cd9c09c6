using System.Runtime.CompilerServices;
using System.Text.Json;
using Cencori.Edge.Dialects;
using Cencori.Edge.Dialects.ChatChunks;
using Cencori.Edge.Screening;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Memory.Recall;

/// <summary>Extracts the text of the model's answer while the caller reads the response. Chat responses in OpenAI's format and those of native endpoints
/// (/api/ai/…) have this text at the same location.</summary>
/// <remarks>A response that cannot be parsed is still passed on unchanged.</remarks>
internal sealed class TurnStream : ForwardOnlyStream, IEventSink
{
    // Maximum size of a response that is one JSON document. If a response is larger, its turn is not stored: the size comes from data other than text.
    private const int MaxDocumentBytes = 256 * 1024;
    private const int MaxDepth = 512;

    private readonly Stream _inner;
    private readonly Turn _turn;
    private readonly EventReader? _events;
    private readonly Chunk _chunk = new();
    private readonly TextBuffer _document = new();
    private readonly CharBuffer _text = new();
    private bool _isOver;

    public TurnStream(Stream inner, Turn turn, bool isEventStream) => (_inner, _turn, _events) = (inner, turn, isEventStream ? new(this) : null);

    // The async state is pooled, because a stream of thousands of chunks awaits thousands of times.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _inner.ReadAsync(buffer, cancellationToken);
        if (!_isOver && !buffer.IsEmpty)
        {
            Take(buffer.Span[..read]);
        }

        return read;
    }

    void IEventSink.Comment(ReadOnlySpan<byte> line)
    {
    }

    void IEventSink.Data(ReadOnlySpan<byte> data)
    {
        if (_text.Length >= Turn.MaxCharacters || !_chunk.TryRead(data))
        {
            return;
        }

        foreach (ref readonly var choice in _chunk.Choices)
        {
            if (choice.Index == 0)
            {
                Add(data[choice.Content]);
            }
        }
    }

    void IEventSink.TooLarge() => ReleaseBuffers();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            ReleaseBuffers();
        }

        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty)
        {
            End();
        }
        else if (_events is not null)
        {
            _events.Read(piece);
        }
        else if (_document.Length + piece.Length > MaxDocumentBytes)
        {
            ReleaseBuffers();
        }
        else
        {
            _document.Append(piece);
        }
    }

    private void End()
    {
        _events?.Finish();
        if (_events is null)
        {
            ReadDocument();
        }

        if (!_isOver && _text.Length > 0)
        {
            _turn.Answer = new string(_text.Span);
        }

        ReleaseBuffers();
    }

    private void ReadDocument()
    {
        try
        {
            var reader = new Utf8JsonReader(_document.Span.TrimStart(StreamStart.Meaningless), new JsonReaderOptions { MaxDepth = MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            Add(ContentOf(document.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The response cannot be parsed, so the turn is not stored.
        }
    }

    private static ReadOnlySpan<byte> ContentOf(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("choices"u8, out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
        && choices[0] is { ValueKind: JsonValueKind.Object } choice && choice.TryGetProperty("message"u8, out var message) && message.ValueKind == JsonValueKind.Object
        && message.TryGetProperty("content"u8, out var content)
            ? System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(content)
            : default;

    // Adds the text of a member "content", whose value is a string, a list of parts, or null.
    private void Add(ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
        {
            return;
        }

        var plain = new TextBuffer();
        ContentText.Write(plain, content);
        JsonText.Unescape(plain.Span[1..^1], _text);
        plain.Clear();
    }

    private void ReleaseBuffers()
    {
        _isOver = true;
        _events?.Release();
        _document.Clear();
        _text.Dispose();
    }
}
