using System.Net;
using Cencori.Edge.Dialects;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// A stream of events of which the beginning has been read, to see whether it is an answer, and is still to be read by others. Nothing has been sent to the caller
/// by then, so that another provider's answer can come in its place.
/// </summary>
internal sealed class PeekedEvents : ForwardOnlyStream
{
    private const int FirstBytes = 4 * 1024;
    private const int MostBytes = 64 * 1024;

    // From the first byte on. Until then nobody knows more than with every provider.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private readonly Stream _inner;
    private byte[] _bytes = new byte[FirstBytes];
    private int _start;
    private int _end;
    private Task<int>? _reading;
    private Exception? _failure;

    private PeekedEvents(Stream inner) => _inner = inner;

    /// <summary>There is no answer in it: an error has come first, or the end.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Nothing has come in the time that it had.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>Waits until there is something that tells. What breaks meanwhile fails where it is read.</summary>
    /// <param name="inner">The response's body.</param>
    /// <param name="patience">How long its first byte may take. Null: however long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Nobody waits for it any more.</param>
    public static async Task<PeekedEvents> OpenAsync(Stream inner, TimeSpan? patience, TimeProvider time, CancellationToken cancellation)
    {
        var peeked = new PeekedEvents(inner);
        await peeked.PeekAsync(patience, time, cancellation);
        return peeked;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start < _end)
        {
            var length = Math.Min(buffer.Length, _end - _start);
            _bytes.AsMemory(_start, length).CopyTo(buffer);
            _start += length;
            return new(length);
        }

        return _failure is not null ? ValueTask.FromException<int>(_failure)
            : _reading is not null ? AwaitAsync(buffer, cancellationToken)
            : _inner.ReadAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task PeekAsync(TimeSpan? longest, TimeProvider time, CancellationToken cancellation)
    {
        var first = new FirstEvent();
        var events = new EventReader(first);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var patience = longest is { } most ? Task.Delay(most > TimeSpan.Zero ? most : TimeSpan.Zero, time, left.Token) : null;
        var isBegun = false;
        try
        {
            while (first.IsOpen && _end < MostBytes)
            {
                if (_end == _bytes.Length)
                {
                    Array.Resize(ref _bytes, _bytes.Length * 2);
                }

                _reading = _inner.ReadAsync(_bytes.AsMemory(_end), cancellation).AsTask();
                if (patience is not null && await Task.WhenAny(_reading, patience) == patience)
                {
                    // Whoever reads on waits for the same bytes.
                    IsSilent = !isBegun;
                    return;
                }

                var read = await _reading;
                _reading = null;
                if (read == 0)
                {
                    events.Finish();
                    HasFailed = !first.HasContent;
                    return;
                }

                events.Read(_bytes.AsSpan(_end, read));
                _end += read;
                patience = isBegun ? patience : Task.Delay(Longest, time, left.Token);
                isBegun = true;
            }

            HasFailed = first.HasFailed;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // YARP expects a response that cannot be read to say so at a read, and nowhere else.
            (_failure, _reading) = (exception, null);
        }
        finally
        {
            events.Release();
            await left.CancelAsync();
        }
    }

    private async ValueTask<int> AwaitAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await _reading!.WaitAsync(cancellation);
        _reading = null;
        _end += read;
        return read == 0 ? 0 : await ReadAsync(buffer, cancellation);
    }
}

/// <summary>A response whose body has been looked at.</summary>
internal sealed class PeekedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PeekedEvents _events;

    public PeekedContent(HttpContent inner, PeekedEvents events)
    {
        (_inner, _events) = (inner, events);
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(_events);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("A response is read, never buffered.");

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _events.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
