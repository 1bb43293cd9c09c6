namespace Cencori.Edge.Streams;

/// <summary>Is notified of the progress of a response.</summary>
public interface IResponseOwner
{
    /// <summary>Called when bytes have arrived and all observers have seen them.</summary>
    /// <param name="open">The beginning of an incomplete event.</param>
    void Arrived(ReadOnlySpan<byte> open);

    /// <summary>Called at the end of the body, after all observers have seen everything.</summary>
    /// <returns>False: the response is incomplete, and counts as broken off.</returns>
    bool IsComplete();

    /// <summary>Called when the response is complete. The client does not have the last bytes yet.</summary>
    void Ended();

    /// <summary>Called when an event stream broke off, or the provider was silent for too long.</summary>
    /// <param name="failure">The exception of the read.</param>
    /// <param name="isSilence">True: the provider was silent for too long.</param>
    /// <param name="hasBegun">True: the client has a part of the response already. If false, the owner throws, so that the client gets a regular error.</param>
    /// <returns>The last bytes for the client.</returns>
    ReadOnlyMemory<byte> OnFailure(Exception failure, bool isSilence, bool hasBegun);
}
