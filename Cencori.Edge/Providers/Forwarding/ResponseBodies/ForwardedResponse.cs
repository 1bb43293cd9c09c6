using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Errors;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>
/// Passes a provider's response to the caller. Reports the end to the owner of the attempt before the client can have the last byte.
/// So the request's concurrency slot is free when the client sends its next request at once.
/// </summary>
/// <remarks>
/// A provider may break off an event stream, end the stream early, or send nothing until the activity timeout. If the response has begun,
/// the stream then ends with one error event and without <c>[DONE]</c>, instead of a connection reset. This class writes that event, because YARP resets the
/// client's connection on a failed read before any middleware runs again. YARP's own activity timeout is a little longer, so the edge's timeout fires first.
/// </remarks>
/// <param name="attempt">Gets the timestamps and the outcome.</param>
/// <param name="response">The response to the caller; not begun yet.</param>
/// <param name="time">The clock of the attempt's timestamps.</param>
internal sealed class ForwardedResponse(Attempt attempt, HttpResponse response, TimeProvider time)
    : IResponseOwner, IResponseObserver
{
    private DoneMarker _done;
    private bool _isDone;

    // True: the response is over for the client at [DONE], even if the provider keeps the connection open.
    private bool _isEventStream;

    /// <param name="inner">The provider's body.</param>
    /// <param name="isEventStream">True: the body is an event stream, regardless of its Content-Type.</param>
    /// <param name="length">The announced length. Null: unknown.</param>
    public ResponseStream Open(Stream inner, bool isEventStream, long? length)
    {
        _isEventStream = attempt.IsEventStream = isEventStream;
        if (isEventStream)
        {
            AnnounceEvents();
            length = null;
        }

        return new(inner, this, Observers(), isEventStream, length, isEventStream ? new IdleTimeout(attempt.Provider.ActivityTimeout, time) : null);
    }

    public void Read(ReadOnlySpan<byte> piece) => _isDone |= _done.IsEndOf(piece);

    public bool ReadEvent(ReadOnlySpan<byte> text)
    {
        _isDone |= DoneMarker.Is(text);
        return true;
    }

    public void Arrived(ReadOnlySpan<byte> open)
    {
        attempt.LastByteAt = time.GetTimestamp();
        if (attempt.FirstByteAt == 0)
        {
            attempt.FirstByteAt = attempt.LastByteAt;
            (attempt.Body as SplicedContent)?.Release();
        }

        // The response also ends at [DONE] without the empty line after it, because not every provider sends that line at once.
        if (_isDone || (_isEventStream && DoneMarker.Is(open)))
        {
            Ended();
        }
    }

    public bool IsComplete() => !_isEventStream || _isDone || attempt.HasEnded || attempt.Meter is not { } meter || meter.IsComplete(attempt is { Events: not EventDialect.Unknown, IsStatusRead: false });

    public void Ended()
    {
        if (!attempt.HasEnded)
        {
            attempt.Complete();
        }
    }

    public ReadOnlyMemory<byte> OnFailure(Exception failure, bool isSilence, bool hasBegun)
    {
        var provider = attempt.Provider;
        if (_isEventStream && attempt.Meter is { HasLastEvent: true })
        {
            Ended();
        }

        if (_isEventStream && attempt.HasEnded)
        {
            // The client has the complete response and reads no further.
            return default;
        }

        attempt.End = attempt.HasEnded ? attempt.End : AttemptEnd.Failed;
        attempt.Break = failure;
        if (!hasBegun)
        {
            // Nothing has reached the client, so it can still get a regular error response.
            throw isSilence ? new TimeoutException($"The provider '{provider.Id}' sent nothing for {provider.ActivityTimeout}.", failure) : new IOException("The provider broke off.", failure);
        }

        // The next bytes are the last that the client gets, and it may then send its next request at once.
        attempt.Owner.Complete(attempt);
        var error = isSilence
            ? new EdgeError(ErrorKind.ProviderTimeout, $"The provider '{provider.Id}' stayed silent for too long.")
            : new EdgeError(ErrorKind.ProviderError, $"The provider '{provider.Id}' {(failure is EndOfStreamException ? "ended its response before it was complete" : "broke off its response")}.");
        return ErrorEvent.Format(error, attempt.Native is null ? attempt.Events : EventDialect.Native, response.HttpContext.TraceIdentifier, attempt.Meter?.NextSequenceNumber ?? 0);
    }

    /// <summary>Marks the attempt as failed: the rest of the response cannot be passed to the client, even if the provider sends more.</summary>
    public void GiveUp(Exception failure)
    {
        if (!attempt.HasEnded)
        {
            attempt.End = AttemptEnd.Failed;
            attempt.Break ??= failure;
            attempt.Owner.Complete(attempt);
        }
    }

    private void AnnounceEvents()
    {
        // Tells intermediaries not to buffer or recompress the stream: they would deliver it late and in one piece.
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";

        // An announced length would leave no room for the error event of a broken stream.
        response.ContentLength = null;
    }

    // The order matters: an observer hides the events that it removes from the observers after it. So this object (which detects the end) and the meter come first.
    private IResponseObserver[] Observers()
    {
        Span<IResponseObserver?> all = [_isEventStream ? this : null, attempt.Meter, attempt.Screen is { KeepsPayload: true } ? null : attempt.Payload, !_isEventStream ? null : attempt.HidesUsage ? new UsageFilter() : attempt.Native is not null ? WholeEvents.Only : null];
        var count = 0;
        foreach (var observer in all)
        {
            if (observer is not null)
            {
                all[count++] = observer;
            }
        }

        return [.. all[..count]!];
    }
}
