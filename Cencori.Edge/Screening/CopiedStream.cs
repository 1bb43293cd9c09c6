using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Screening;

/// <summary>Copies the bytes of a response to the project's payload storage while the caller reads them.</summary>
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
