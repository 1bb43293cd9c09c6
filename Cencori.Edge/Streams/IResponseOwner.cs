namespace Cencori.Edge.Streams;

/// <summary>Whoever has asked for a response, and is told how it goes.</summary>
public interface IResponseOwner
{
    /// <summary>Bytes have come, and all observers have seen them.</summary>
    /// <param name="open">The beginning of an event that is not whole yet.</param>
    void Arrived(ReadOnlySpan<byte> open);

    /// <summary>The provider says that this is the end, and all observers have seen everything.</summary>
    /// <returns>False: it is not whole, and counts as one that broke off.</returns>
    bool IsWhole() => true;

    /// <summary>The response is complete. Its last bytes are not with the client yet.</summary>
    void Ended();

    /// <summary>An event stream broke off, or the provider was silent for too long.</summary>
    /// <param name="failure">What reading said.</param>
    /// <param name="isSilence">Whether the provider stayed silent.</param>
    /// <param name="hasBegun">The client has a part of it already. Else the owner throws what is to be said in its place.</param>
    /// <returns>What the client reads last.</returns>
    ReadOnlyMemory<byte> Broke(Exception failure, bool isSilence, bool hasBegun);
}
