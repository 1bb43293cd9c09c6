using System.Net;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>A provider's response as YARP will copy it: read through <paramref name="response"/>, and never buffered.</summary>
internal sealed class ResponseContent(HttpContent inner, ForwardedResponse response) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => response.Open(await inner.ReadAsStreamAsync());

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        response.Open(await inner.ReadAsStreamAsync(cancellationToken));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        throw new NotSupportedException("A response is read, never buffered.");

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
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
