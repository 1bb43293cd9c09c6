using System.Buffers;
using System.Text;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Agents.Shadow;

/// <summary>Removes the tool calls from the response to an agent in shadow mode. The calls are recorded, and the caller receives a notice instead.</summary>
/// <remarks>Buffers a whole document, and a stream event by event. The caller does not receive unreadable content, because it might contain calls.</remarks>
internal sealed class ShadowStream(Stream inner, bool isEventStream, ShadowFormat format, ShadowRecorder recorder) : ForwardOnlyStream
{
    private const int InitialBuffer = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _passed = new();
    private byte[] _read = ArrayPool<byte>.Shared.Rent(InitialBuffer);
    private int _readLength;
    private int _returned;
    private EventFramer _framer;
    private bool _isOver;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_returned == _passed.WrittenCount)
        {
            if (_isOver)
            {
                return 0;
            }

            _passed.ResetWrittenCount();
            _returned = 0;
            await ReadMoreAsync(cancellationToken);
        }

        var length = Math.Min(buffer.Length, _passed.WrittenCount - _returned);
        _passed.WrittenMemory.Slice(_returned, length).CopyTo(buffer);
        _returned += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            format.Release();
            ArrayPool<byte>.Shared.Return(_read);
            (_read, _isOver) = ([], true);
        }

        base.Dispose(disposing);
    }

    private async Task ReadMoreAsync(CancellationToken cancellation)
    {
        var read = await inner.ReadAsync(_read.AsMemory(_readLength), cancellation);
        var at = _readLength;
        _readLength += read;
        _isOver = read == 0;
        try
        {
            if (!isEventStream)
            {
                MakeRoom();
                await (_isOver ? PassDocumentAsync(cancellation) : Task.CompletedTask);
                return;
            }

            var start = 0;
            while (TryFindEnd(ref at))
            {
                await PassEventAsync(_read.AsMemory(start, at - start), cancellation);
                start = at;
            }

            if (_isOver)
            {
                // The last event has no empty line after it. Calls that are still open are incomplete, and are not recorded.
                await PassEventAsync(_read.AsMemory(start, _readLength - start), cancellation);
                start = _readLength;
            }

            _read.AsSpan(start, _readLength - start).CopyTo(_read);
            _readLength -= start;
            MakeRoom();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            if (!isEventStream)
            {
                recorder.Fail(exception);
                throw;
            }

            // The caller has received a part of the response. The error event shows that the response is incomplete.
            _passed.Write(recorder.Failed(exception, format.Dropped).Span);
            _isOver = true;
        }
    }

    private bool TryFindEnd(ref int at) => _framer.TryFindEnd(_read.AsSpan(0, _readLength), ref at);

    private void MakeRoom()
    {
        if (_readLength < _read.Length)
        {
            return;
        }

        if (_readLength >= ShadowJson.MaxBytes)
        {
            throw new ShadowException($"The response has more than {ShadowJson.MaxBytes} bytes{(isEventStream ? " in one event" : "")}.");
        }

        var larger = ArrayPool<byte>.Shared.Rent(2 * _readLength);
        _read.AsSpan(0, _readLength).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_read);
        _read = larger;
    }

    private async Task PassDocumentAsync(CancellationToken cancellation)
    {
        var bytes = _read.AsMemory(0, _readLength);
        var document = bytes.Span.Trim(" \t\r\n"u8).IsEmpty ? null : ShadowJson.Parse(WithoutMark(bytes.Span));
        if (document is null || !format.ReadDocument(document))
        {
            _passed.Write(bytes.Span);
            return;
        }

        if (await recorder.TakeAsync(format, cancellation) is { } notice)
        {
            document[ShadowFormat.Member] = notice;
        }

        Write(ShadowJson.Text(document));
    }

    private async Task PassEventAsync(ReadOnlyMemory<byte> text, CancellationToken cancellation)
    {
        var json = ShadowEvent.DataOf(text.Span);
        if (json.AsSpan().Trim(" \t\n"u8).SequenceEqual("[DONE]"u8))
        {
            await EndAsync(cancellation);
            _passed.Write(text.Span);
            return;
        }

        if (json.Length == 0 || ShadowJson.Parse(json) is not { } data)
        {
            // Some clients read a JSON document even if its type says event stream.
            if (IsDocument(text.Span))
            {
                throw new ShadowException("The response is a JSON document, although its Content-Type says event stream.");
            }

            _passed.Write(text.Span);
            return;
        }

        var verdict = format.Read(data);
        if (await recorder.TakeAsync(format, cancellation) is { } notice && format.AddNotice(data, notice) is { } before)
        {
            Write(before);
        }

        if (verdict == Verdict.Pass)
        {
            _passed.Write(text.Span);
        }
        else if (verdict == Verdict.Changed)
        {
            Write(ShadowEvent.With(text.Span, ShadowJson.Text(data)));
        }
    }

    private async Task EndAsync(CancellationToken cancellation)
    {
        format.Finish();
        if (await recorder.TakeAsync(format, cancellation) is { } notice && format.AddNotice(null, notice) is { } reported)
        {
            Write(reported);
        }
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _passed);

    private static bool IsDocument(ReadOnlySpan<byte> text) => WithoutMark(text).TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text[3..] : text;
}
