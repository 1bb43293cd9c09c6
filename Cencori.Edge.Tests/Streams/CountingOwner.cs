using Cencori.Edge.Streams;

namespace Cencori.Edge.Tests.Streams;

/// <summary>Counts the notifications about a response.</summary>
internal sealed class CountingOwner : IResponseOwner
{
    public int Arrivals { get; private set; }

    public int Ends { get; private set; }

    public void Arrived(ReadOnlySpan<byte> open) => Arrivals++;

    public void Ended() => Ends++;

    public bool IsComplete() => true;

    public ReadOnlyMemory<byte> OnFailure(Exception failure, bool isSilence, bool hasBegun) => throw failure;
}
