namespace Cencori.Edge.Streams;

/// <summary>The owner of a response, who is notified of its progress.</summary>
public interface IResponseOwner
{
    /// <summary>Bytes have arrived, and all observers have seen them.</summary>
    /// <param name="open">The beginning of an incomplete event.</param>
    void Arrived(ReadOnlySpan<byte> open);

    /// <summary>Called at the end of the body, after all observers have seen everything.</summary>
    /// <returns>False: the response is incomplete, and counts as broken off.</returns>
    bool IsWhole() => true;

    /// <summary>The response is complete. The client does not have its last bytes yet.</summary>
    void Ended();

    /// <summary>An event stream broke off, or the provider was silent for too long.</summary>
    /// <param name="failure">The exception of the read.</param>
    /// <param name="isSilence">True: the provider was silent for too long.</param>
    /// <param name="hasBegun">The client has a part of the response already. If false, the owner throws, so that a regular error response replaces it.</param>
    /// <returns>The last bytes for the client.</returns>
    ReadOnlyMemory<byte> Broke(Exception failure, bool isSilence, bool hasBegun);
}
