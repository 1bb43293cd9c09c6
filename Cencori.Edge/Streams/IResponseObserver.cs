namespace Cencori.Edge.Streams;

/// <summary>
/// Sees a provider's response, every byte once and in order, before the client can have it. Called from one thread at a time; what it is
/// shown is gone after the call.
/// </summary>
public interface IResponseObserver
{
    /// <summary>It may take events out of a stream, so that none passes before it is whole.</summary>
    bool TakesEventsOut => false;

    /// <summary>
    /// The next bytes, cut anywhere: of a response that is no event stream, and of an event that is too large to be kept until it is whole.
    /// </summary>
    void Read(ReadOnlySpan<byte> piece);

    /// <summary>An event in one piece, with the line ends that it came with.</summary>
    /// <returns>False: it is taken out, and nobody behind this observer sees it.</returns>
    bool ReadEvent(ReadOnlySpan<byte> text);
}
