namespace Cencori.Edge.Streams;

/// <summary>
/// Removes nothing, but lets no event pass before it is complete. Used where the next stage cannot process parts of events, and must not mistake a part for the
/// beginning of the response.
/// </summary>
public sealed class WholeEvents : IResponseObserver
{
    private WholeEvents()
    {
    }

    public static WholeEvents Only { get; } = new();

    public bool RemovesEvents => true;

    public void Read(ReadOnlySpan<byte> piece)
    {
    }

    public bool ReadEvent(ReadOnlySpan<byte> text) => true;
}
