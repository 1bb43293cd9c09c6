namespace Cencori.Edge.Streams;

/// <summary>
/// Sees a provider's response, every byte once and in order, before the client gets it. Called from one thread at a time. The spans are
/// valid only during the call.
/// </summary>
public interface IResponseObserver
{
    /// <summary>True: the observer may remove events, so no event passes before it is complete.</summary>
    bool RemovesEvents => false;

    /// <summary>
    /// Gets the next bytes, cut anywhere, of a body that is no event stream, or of an event that is too large to be kept.
    /// </summary>
    void Read(ReadOnlySpan<byte> piece);

    /// <summary>Gets a complete event, with its original line ends.</summary>
    /// <returns>False: the event is removed, and the observers after this one do not see it.</returns>
    bool ReadEvent(ReadOnlySpan<byte> text);
}
