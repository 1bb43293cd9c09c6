using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Screening;

/// <summary>A response of which the project keeps what the caller reads.</summary>
internal sealed class CopiedStream(Stream inner, PayloadCopy payload) : ForwardOnlyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        payload.Read(buffer.Span[..read]);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
