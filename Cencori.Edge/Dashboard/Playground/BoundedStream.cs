namespace Cencori.Edge.Dashboard.Playground;

/// <summary>Keeps what is written up to a bound, and lets the rest go: a provider sends as much as it likes.</summary>
internal sealed class BoundedStream(int most) : MemoryStream
{
    public ReadOnlyMemory<byte> Bytes => GetBuffer().AsMemory(0, (int)Length);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var room = most - (int)Length;
        return base.WriteAsync(buffer.Length <= room ? buffer : buffer[..room], cancellationToken);
    }
}
