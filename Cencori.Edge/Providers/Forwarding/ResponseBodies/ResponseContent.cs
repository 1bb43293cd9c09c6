using System.Net;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>A provider's response as YARP copies it to the caller: with the credential masked, and rewritten
/// if the endpoint is native (<c>/api/ai/…</c>). Never buffered.</summary>
/// <param name="inner">The provider's content.</param>
/// <param name="body">The body as the headers announce it.</param>
/// <param name="mask">Masks the credential in the body. Null: the body needs no mask.</param>
/// <param name="attempt">The attempt that the response belongs to.</param>
/// <param name="response">Observes the body while it passes.</param>
/// <param name="retryAfter">How long the provider asks to wait before a retry. Null: it does not say.</param>
internal sealed class ResponseContent(HttpContent inner, ResponseBodyInfo body, CredentialMask? mask, Attempt attempt, ForwardedResponse response, TimeSpan? retryAfter) : HttpContent
{
    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
    {
        var (stream, isEventStream) = (await inner.ReadAsStreamAsync(cancellationToken), body.IsEventStream);
        if (body.Encodings is { Length: > 0 } encodings)
        {
            stream = await DecodedStream.OpenAsync(stream, encodings, cancellationToken);
        }

        if (mask is not null)
        {
            stream = new MaskedStream(stream, mask);
        }

        if (body.IsTypeUncertain)
        {
            var peeked = await PeekedStream.OpenAsync(stream, cancellationToken);
            (stream, isEventStream) = (peeked, ResponseBodyInfo.IsEvent(peeked.Beginning));
            attempt.Meter?.Begin(body.Status, isEventStream);
            attempt.Payload?.Begin(isText: isEventStream || body.IsText);
        }

        Stream passed = response.Open(stream, isEventStream, body.Encodings is { Length: > 0 } ? null : body.Length);
        if (attempt.Native is { } native)
        {
            passed = body.Status < 300 ? native.Open(passed, isEventStream, response.GiveUp) : native.OpenRefusal(passed, body.Status, retryAfter);
        }

        if (attempt.Follower is { } follower && body.Status < 300)
        {
            passed = new TrackedStream(passed, follower);
        }

        passed = attempt.Holder is { } holder && body.Status < 300 ? holder.Hold(passed, isEventStream) : passed;
        passed = attempt.Screen is { } screen ? screen.Hold(passed, isEventStream) : passed;
        passed = attempt.Listener is { } listener && body.Status < 300 ? listener.Hold(passed, isEventStream) : passed;
        return attempt.Barrier is { } barrier ? new TrackedStream(passed, barrier) : passed;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        throw new NotSupportedException("This content cannot be copied or buffered. Read its stream instead.");

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
