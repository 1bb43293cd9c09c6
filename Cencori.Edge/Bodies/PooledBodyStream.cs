using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies;

/// <summary>A body as the forwarder reads it: what the edge holds, then what is still to come from the caller, if anything is.</summary>
internal sealed class PooledBodyStream(PooledBody held, Stream? rest = null) : ForwardOnlyStream
{
    private int _position;

    public override int Read(Span<byte> buffer)
    {
        var copied = ReadHeld(buffer, out var isHeld);
        return isHeld || rest is null ? copied : rest.Read(buffer);
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
        return isHeld || rest is null ? new(copied) : rest.ReadAsync(buffer, cancellationToken);
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        var borrowed = held.Borrow();
        try
        {
            var unread = borrowed[_position..];
            _position = borrowed.Length;
            await destination.WriteAsync(unread, cancellationToken);
        }
        finally
        {
            held.GiveBack();
        }

        if (rest is not null)
        {
            await rest.CopyToAsync(destination, bufferSize, cancellationToken);
        }
    }

    // A read of no bytes asks whether there is something to read: while bytes are held, there is, and the caller's connection is left alone.
    private int ReadHeld(Span<byte> buffer, out bool isHeld)
    {
        var copied = held.CopyTo(_position, buffer);
        isHeld = copied > 0 || (buffer.IsEmpty && _position < held.Length);
        _position += copied;
        return copied;
    }
}
