namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Keeps bytes up to a limit and drops the rest: a provider can send any amount.</summary>
internal sealed class BoundedStream(int most) : MemoryStream
{
    public ReadOnlyMemory<byte> Bytes => GetBuffer().AsMemory(0, (int)Length);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var room = most - (int)Length;
        return base.WriteAsync(buffer.Length <= room ? buffer : buffer[..room], cancellationToken);
    }
}
