using System.Net;

namespace Cencori.Edge.Providers;

/// <summary>A provider's event stream as YARP will copy it: the same bytes, but a break in them ends in an error event.</summary>
public sealed class EventStreamContent(HttpContent inner, ProviderDefinition provider, TimeProvider time, ILogger logger) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => Guard(await inner.ReadAsStreamAsync());

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        Guard(await inner.ReadAsStreamAsync(cancellationToken));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        throw new NotSupportedException("An event stream is read, never buffered.");

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

    private GuardedEventStream Guard(Stream stream) => new(stream, provider, time, logger);
}
