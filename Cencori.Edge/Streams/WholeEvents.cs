namespace Cencori.Edge.Streams;

/// <summary>
/// Takes nothing out, and lets no event pass before it is whole: for whoever can make nothing of a part, and must not call it a beginning of
/// the response.
/// </summary>
public sealed class WholeEvents : IResponseObserver
{
    private WholeEvents()
    {
    }

    public static WholeEvents Only { get; } = new();

    public bool TakesEventsOut => true;

    public void Read(ReadOnlySpan<byte> piece)
    {
    }

    public bool ReadEvent(ReadOnlySpan<byte> text) => true;
}
