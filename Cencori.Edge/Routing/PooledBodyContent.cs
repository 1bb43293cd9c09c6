using System.Net;

namespace Cencori.Edge.Routing;

/// <summary>A held body in one write. It may outlive the body, and fails then.</summary>
internal sealed class PooledBodyContent(PooledBody held) : HttpContent
{
    private readonly int _length = held.Length;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var bytes = held.Borrow();
        try
        {
            await stream.WriteAsync(bytes, cancellationToken);
        }
        finally
        {
            held.GiveBack();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }
}
