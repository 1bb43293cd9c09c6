namespace Cencori.Edge.Streams;

/// <summary>Takes the event that only tells usage out of a stream. One that is too large for that tells more, and passes.</summary>
public sealed class UsageFilter : IResponseObserver
{
    public static readonly UsageFilter Instance = new();

    private UsageFilter()
    {
    }

    public bool TakesEventsOut => true;

    public void Read(ReadOnlySpan<byte> piece)
    {
    }

    public bool ReadEvent(ReadOnlySpan<byte> text) => !UsageEvent.Is(text);
}
