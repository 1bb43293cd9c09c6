using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>The body that the forwarder reads once: the buffered bytes with their splices, then the rest that the caller still sends.
/// The buffer is released after it has been read.</summary>
internal sealed class PooledBodyStream(PooledBody held, Splice[] splices, Stream rest) : ForwardOnlyStream
{
    private SplicedRuns _runs = new(splices);
    private bool _isPast;

    public override int Read(Span<byte> buffer)
    {
        var copied = ReadHeld(buffer, out var isHeld);
        return isHeld ? copied : rest.Read(buffer);
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

        var copied = ReadHeld(buffer.Span, out var isHeld);
        return isHeld ? new(copied) : rest.ReadAsync(buffer, cancellationToken);
    }

    // A zero-byte read asks whether data is available. While buffered bytes remain, it returns at once, without a read from the caller's connection.
    private int ReadHeld(Span<byte> buffer, out bool isHeld)
    {
        isHeld = false;
        if (_isPast)
        {
            return 0;
        }

        var original = held.Borrow();
        try
        {
            var copied = _runs.Fill(original, buffer);
            isHeld = copied > 0 || (buffer.IsEmpty && !_runs.IsAtEnd(original.Length));
            return copied;
        }
        finally
        {
            held.GiveBack();
            if (!isHeld && !buffer.IsEmpty)
            {
                _isPast = true;
                held.Dispose();
            }
        }
    }
}
