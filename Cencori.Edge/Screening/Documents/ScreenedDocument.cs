using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Events;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Applies policies to a response that is one document. The document is buffered whole, because any part of it may have to be blocked.</summary>
internal sealed class ScreenedDocument(Stream inner, PolicySet set, TokenTable? tokens, OutputScreen owner, InputScreen input) : ForwardOnlyStream
{
    private const int InitialBuffer = 16 * 1024;

    // Maximum size of a document that is screened, in bytes. A larger one is unlikely to be text; it counts as content that cannot be scanned.
    private const int MaxBytes = 32 * 1024 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(InitialBuffer);
    private int _length;
    private ReadOnlyMemory<byte> _ready;
    private bool _isRead;
    private bool _passes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isRead && !buffer.IsEmpty)
        {
            await ReadAllAsync(cancellationToken);
            _isRead = true;
        }

        if (_ready.IsEmpty)
        {
            return _passes ? await inner.ReadAsync(buffer, cancellationToken) : 0;
        }

        var count = Math.Min(buffer.Length, _ready.Length);
        _ready[..count].CopyTo(buffer);
        _ready = _ready[count..];
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            ArrayPool<byte>.Shared.Return(_bytes);
            (_bytes, _ready) = ([], default);
        }

        base.Dispose(disposing);
    }

    private async Task ReadAllAsync(CancellationToken cancellation)
    {
        int read;
        while ((read = await inner.ReadAsync(_bytes.AsMemory(_length), cancellation)) > 0)
        {
            _length += read;
            if (_length == read && owner.MayPassUnscanned && _bytes.AsSpan(0, read).Contains((byte)0))
            {
                // The response is audio or an image, which streams through unchanged.
                PassUnscanned("");
                _passes = true;
                return;
            }

            if (_length == _bytes.Length)
            {
                if (_length >= MaxBytes)
                {
                    PassUnscanned("The response is too large.");
                    _passes = true;
                    return;
                }

                var larger = ArrayPool<byte>.Shared.Rent(2 * _length);
                _bytes.AsSpan(0, _length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_bytes);
                _bytes = larger;
            }
        }

        try
        {
            await ScanAsync(cancellation);
        }
        finally
        {
            owner.Finish();
        }
    }

    private async ValueTask ScanAsync(CancellationToken cancellation)
    {
        var bytes = _bytes.AsMemory(0, _length);
        if (bytes.Span.Trim(" \t\r\n"u8).IsEmpty)
        {
            _ready = bytes;
        }
        else if (!Utf8.IsValid(bytes.Span))
        {
            PassUnscanned("The response is not text.");
        }
        else if (IsJson(bytes.Span))
        {
            _ready = await ScreenAsync(bytes, cancellation);
        }
        else
        {
            // Screens plain text as a single JSON string.
            var text = await ScreenAsync(JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(bytes.Span)), cancellation);
            _ready = Encoding.UTF8.GetBytes(JsonSerializer.Deserialize<string>(text.Span)!);
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes) => InnerJson.IsValid(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);

    private async ValueTask<ReadOnlyMemory<byte>> ScreenAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var from = owner.Now();
        if (set.Output.Length > 0 || owner.UsesGuardrails)
        {
            var splices = input.ScanResponse(json.Span, set, owner.Model, owner.UsesGuardrails, owner.Findings, out var guarded);
            if (owner.Findings.Blocks || owner.Findings.IsEnded)
            {
                owner.End(owner.Findings.Blocks ? owner.Violation() : owner.Unscanned("The response has too many hits of policy rules."));
            }

            if (guarded is not null)
            {
                owner.AddElapsed(from);
                splices = await owner.AskGuardrailsAsync(guarded, cancellation);
                from = owner.Now();
            }

            json = Apply(json, [.. splices]);
        }

        json = tokens is { Values.Count: > 0 } ? Apply(json, Restored(json.Span)) : json;
        owner.AddElapsed(from);
        return json;
    }

    private static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json, Splice[] splices)
    {
        if (splices.Length == 0)
        {
            return json;
        }

        var changed = new byte[json.Length + Splice.GrowthOf(splices, json.Length)];
        new SplicedRuns(splices).Fill(json, changed);
        return changed;
    }

    private Splice[] Restored(ReadOnlySpan<byte> json)
    {
        var splices = new List<Splice>();
        using var text = new CharBuffer();
        using var restored = new CharBuffer();
        var escaped = new Dialects.TextBuffer();
        var start = json.StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(json[start..], new JsonReaderOptions { MaxDepth = BodyScreen.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || reader.ValueSpan.IndexOf((byte)'[') < 0)
            {
                continue;
            }

            text.Clear();
            restored.Clear();
            JsonText.Unescape(reader.ValueSpan, text);
            TextRelease.Restore(text.Span, tokens, IsInnerJson(text.Span), restored);
            if (!restored.Span.SequenceEqual(text.Span))
            {
                escaped.Clear();
                JsonText.Escape(restored.Span, escaped);
                splices.Add(new(new(start + (int)reader.TokenStartIndex + 1, reader.ValueSpan.Length), escaped.Span.ToArray()));
            }
        }

        escaped.Clear();
        return [.. splices];
    }

    // True for text that is itself JSON, such as the arguments of a tool call.
    private static bool IsInnerJson(ReadOnlySpan<char> text) => text.TrimStart() is ['{' or '[', ..] && InnerJson.IsValid(Encoding.UTF8.GetBytes(text.ToArray()));

    private void PassUnscanned(string what)
    {
        if (!owner.MayPassUnscanned)
        {
            owner.End(owner.Unscanned(what));
        }

        owner.Findings.IsUnscanned |= owner.Enforces;
        _ready = _bytes.AsMemory(0, _length);
    }
}
