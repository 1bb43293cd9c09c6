using Cencori.Edge.Streams;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>The caller's stream. The guard checks every byte before the reader receives it.</summary>
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
