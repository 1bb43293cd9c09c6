using System.Net;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>A response body whose beginning was read ahead for a decision. Later readers get the same bytes and the same failure.</summary>
/// <param name="inner">Disposed with this stream.</param>
internal abstract class PrefetchedStream(Stream inner) : ForwardOnlyStream
{
    private const int FirstBytes = 4 * 1024;

    private byte[] _bytes = new byte[FirstBytes];
    private int _start;
    private int _end;
    private Task<int>? _reading;
    private Exception? _failure;

    // Cancels a read in progress when the stream is disposed early. Otherwise that read would disturb the next response on the connection.
    private readonly CancellationTokenSource _reads = new();
    private bool _isDisposed;

    /// <summary>True: a read of the beginning has failed.</summary>
    public bool IsBroken => _failure is not null;

    /// <summary>The bytes read so far.</summary>
    public ReadOnlySpan<byte> Beginning => _bytes.AsSpan(0, _end);

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
            : inner.ReadAsync(buffer, cancellationToken);
    }

    /// <summary>Adds a piece to <see cref="Beginning"/>. Call this before the first read of the stream, and never again after this method returned null.</summary>
    /// <param name="max">Maximum length of the beginning, in bytes. The beginning must be shorter now.</param>
    /// <param name="timeout">A task that completes at the timeout. The pending read then continues, and the next reader waits for it. Null: no timeout.</param>
    /// <returns>The number of bytes read; 0 at the end of the body. Null: the timeout passed, or the read failed.</returns>
    protected async ValueTask<int?> ReadOnAsync(int max, Task? timeout)
    {
        try
        {
            if (_end == _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, max));
            }

            _reading = inner.ReadAsync(_bytes.AsMemory(_end), _reads.Token).AsTask();
            if (timeout is not null && await Task.WhenAny(_reading, timeout) == timeout)
            {
                return null;
            }

            var read = await _reading;
            (_reading, _end) = (null, _end + read);
            return read;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // YARP handles a failure of the response body only if a read throws it. So the failure is kept for the next read.
            (_failure, _reading) = (exception, null);
            return null;
        }
    }

    /// <summary>Cancels the read in progress when the caller has disconnected.</summary>
    /// <param name="cancellation">Signals the disconnect.</param>
    protected CancellationTokenRegistration CancelReadsOn(CancellationToken cancellation) => cancellation.UnsafeRegister(static reads => ((CancellationTokenSource)reads!).Cancel(), _reads);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _reads.Cancel();
            _reads.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> AwaitAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        var read = await _reading!.WaitAsync(cancellation);
        _reading = null;
        _end += read;
        return read == 0 ? 0 : await ReadAsync(buffer, cancellation);
    }
}

/// <summary>The content of a response whose body was read ahead.</summary>
internal sealed class PeekedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly PrefetchedStream _stream;

    public PeekedContent(HttpContent inner, PrefetchedStream stream)
    {
        (_inner, _stream) = (inner, stream);
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(_stream);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("This content cannot be copied or buffered. Read its stream instead.");

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
