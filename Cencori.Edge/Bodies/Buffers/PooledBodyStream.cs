using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>The body that the forwarder reads once: the buffered bytes with their splices, then the rest that the caller still sends.
/// The buffer is released after it has been read.</summary>
internal sealed class PooledBodyStream(PooledBody held, Splice[] splices, Stream rest) : ForwardOnlyStream
{
    private SplicedRuns _runs = new(splices);
    private bool _isBufferRead;

    public override int Read(Span<byte> buffer)
    {
        var copied = ReadBuffered(buffer, out var isBuffered);
        return isBuffered ? copied : rest.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        var copied = ReadBuffered(buffer.Span, out var isBuffered);
        return isBuffered ? new(copied) : rest.ReadAsync(buffer, cancellationToken);
    }

    // A zero-byte read asks whether data is available. While buffered bytes remain, it returns at once, without a read from the caller's connection.
    private int ReadBuffered(Span<byte> buffer, out bool isBuffered)
    {
        isBuffered = false;
        if (_isBufferRead)
        {
            return 0;
        }

        var original = held.Borrow();
        try
        {
            var copied = _runs.Fill(original, buffer);
            isBuffered = copied > 0 || (buffer.IsEmpty && !_runs.IsAtEnd(original.Length));
            return copied;
        }
        finally
        {
            held.EndBorrow();
            if (!isBuffered && !buffer.IsEmpty)
            {
                _isBufferRead = true;
                held.Dispose();
            }
        }
    }
}
