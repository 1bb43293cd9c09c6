namespace Cencori.Edge.Admin.Providers;

/// <summary>Keeps the first bytes that are written and discards the rest, because a provider may send a response of any size.</summary>
internal sealed class TruncatingStream : MemoryStream
{
    private const int Max = 64 * 1024;

    public ReadOnlyMemory<byte> Bytes => GetBuffer().AsMemory(0, (int)Length);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var room = Max - (int)Length;
        return base.WriteAsync(buffer.Length <= room ? buffer : buffer[..room], cancellationToken);
    }
}
