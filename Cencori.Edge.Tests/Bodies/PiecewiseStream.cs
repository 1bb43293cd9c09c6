namespace Cencori.Edge.Tests.Bodies;

/// <summary>Delivers bytes asynchronously in pieces of the given sizes, taken in turn, and records the size of the read buffers.</summary>
internal sealed class PiecewiseStream(byte[] bytes, params int[] pieces) : MemoryStream(bytes, writable: false)
{
    private int _reads;

    public int LargestBuffer { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        LargestBuffer = Math.Max(LargestBuffer, buffer.Length);
        return Read(buffer.Span[..Math.Min(buffer.Length, pieces[_reads++ % pieces.Length])]);
    }
}
