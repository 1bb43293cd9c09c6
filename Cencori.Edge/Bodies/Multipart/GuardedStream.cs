using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Passes on the rest of the caller's form. The guard checks every byte for a second model before the reader receives the byte.</summary>
internal sealed class GuardedStream(Stream inner, RepeatedModelGuard guard) : ForwardOnlyStream
{
    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        guard.Check(buffer.AsSpan(offset, read));
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        guard.Check(buffer.Span[..read]);
        return read;
    }
}
