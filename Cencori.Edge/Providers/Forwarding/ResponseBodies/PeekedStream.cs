using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>A stream whose first bytes were read ahead.</summary>
internal sealed class PeekedStream : ForwardOnlyStream
{
    private const int MaxBytes = 512;

    private readonly Stream _inner;
    private readonly Exception? _failure;
    private ReadOnlyMemory<byte> _beginning;

    private PeekedStream(Stream inner, ReadOnlyMemory<byte> beginning, Exception? failure) => (_inner, _beginning, _failure) = (inner, beginning, failure);

    /// <summary>The bytes that were read ahead. Empty: the stream is empty, or the read failed.</summary>
    public ReadOnlySpan<byte> Beginning => _beginning.Span;

    /// <summary>Waits for the first byte that is neither white space nor a byte order mark, or for the end.
    /// If this fails, the next read throws the exception.</summary>
    public static async Task<PeekedStream> OpenAsync(Stream inner, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxBytes];
        var (length, read) = (0, -1);
        try
        {
            while (read != 0 && length < bytes.Length && bytes.AsSpan(0, length).IndexOfAnyExcept(Streams.StreamStart.Meaningless) < 0)
            {
                read = await inner.ReadAsync(bytes.AsMemory(length), cancellationToken);
                length += read;
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException)
        {
            // YARP handles a failure of the response body only if a read throws it. So the failure is kept for the next read.
            return new(inner, bytes.AsMemory(0, length), exception);
        }

        return new(inner, bytes.AsMemory(0, length), failure: null);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_beginning.IsEmpty)
        {
            return _failure is null ? _inner.ReadAsync(buffer, cancellationToken) : ValueTask.FromException<int>(_failure);
        }

        var length = Math.Min(buffer.Length, _beginning.Length);
        _beginning[..length].CopyTo(buffer);
        _beginning = _beginning[length..];
        return new(length);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
