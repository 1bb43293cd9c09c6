namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Stores written bytes up to a limit and drops the rest, because a provider can send any number of bytes.</summary>
internal sealed class BoundedStream(int max) : MemoryStream
{
    public ReadOnlyMemory<byte> Bytes => GetBuffer().AsMemory(0, (int)Length);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var room = max - (int)Length;
        return base.WriteAsync(buffer.Length <= room ? buffer : buffer[..room], cancellationToken);
    }
}
