using Cencori.Edge.Errors;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// What becomes of a provider's response while it passes. Its end is told before the client can have the last byte, so that a client which
/// sends its next request at once finds the slot of this one free.
/// </summary>
/// <remarks>
/// Where the provider of an event stream dies, ends it before it is whole or stays silent past its activity timeout after the response has
/// begun, the stream ends with one error event and without <c>[DONE]</c>, in place of a connection reset. It has to be here: YARP resets the client's connection on a
/// failed read before any middleware runs again. Its own activity timeout is set a little later than this one, so that this one is met first.
/// </remarks>
/// <param name="attempt">What is told of it.</param>
/// <param name="response">Where it goes; not begun yet.</param>
/// <param name="time">The clock of the attempt's timestamps.</param>
internal sealed class ForwardedResponse(Attempt attempt, HttpResponse response, TimeProvider time)
    : IResponseOwner, IResponseObserver
{
    private DoneMarker _done;
    private bool _isDone;

    // It is over for clients at [DONE], whatever the provider does with the connection.
    private bool _isEventStream;

    /// <param name="inner">The provider's bytes.</param>
    /// <param name="isEventStream">It is one, whatever it says.</param>
    /// <param name="length">Its promised length. Null: it ends where it ends.</param>
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
        attempt.FirstByteAt = attempt.FirstByteAt == 0 ? attempt.LastByteAt : attempt.FirstByteAt;

        // Not every provider sends the empty line behind it at once.
        if (_isDone || (_isEventStream && DoneMarker.Is(open)))
        {
            Ended();
        }
    }

    public bool IsWhole() => !_isEventStream || _isDone || attempt.HasEnded || attempt.Meter is not { } meter || meter.IsWhole(attempt is { Events: not EventDialect.Unknown, IsLook: false });

    public void Ended()
    {
        if (!attempt.HasEnded)
        {
            attempt.Complete();
        }
    }

    public ReadOnlyMemory<byte> Broke(Exception failure, bool isSilence, bool hasBegun)
    {
        var provider = attempt.Provider;
        if (_isEventStream && attempt.Meter is { HasLastEvent: true })
        {
            Ended();
        }

        if (_isEventStream && attempt.HasEnded)
        {
            // The client has all of it, and reads no further.
            return default;
        }

        attempt.End = attempt.HasEnded ? attempt.End : AttemptEnd.Failed;
        attempt.Break = failure;
        if (!hasBegun)
        {
            // Nothing has reached the client: it can still have a proper error.
            throw isSilence ? new TimeoutException($"The provider '{provider.Id}' sent nothing for {provider.ActivityTimeout}.", failure) : new IOException("The provider broke off.", failure);
        }

        // What comes now is the last that the client gets, and it may send its next request at once.
        attempt.Owner.Complete(attempt);
        var error = isSilence
            ? new EdgeError(ErrorKind.ProviderTimeout, $"The provider '{provider.Id}' stayed silent for too long.")
            : new EdgeError(ErrorKind.ProviderError, $"The provider '{provider.Id}' {(failure is EndOfStreamException ? "ended its answer before it was whole" : "broke off its answer")}.");
        return ErrorEvent.Format(error, attempt.Native is null ? attempt.Events : EventDialect.Native, response.HttpContext.TraceIdentifier, attempt.Meter?.NextSequenceNumber ?? 0);
    }

    /// <summary>The rest cannot be told to the client, whatever the provider sends.</summary>
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
        // Intermediaries that buffer or recompress would turn a stream into one late lump.
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";

        // An announced length would leave no room for the error event of a stream that breaks.
        response.ContentLength = null;
    }

    // The order matters: the end and the meter see everything, and what is taken out nobody behind it.
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
