namespace Cencori.Edge.Streams;

/// <summary>Takes the event that only tells usage out of one stream. An event that is too large to be kept tells more, and passes.</summary>
public sealed class UsageFilter : IResponseObserver
{
    // Longer beginnings are looked at each time.
    private const int LongestBeginning = 256;

    // An event's, up to the first of its choices: whatever begins the same has a choice too.
    private byte[]? _beginning;
    private int _length;

    public bool TakesEventsOut => true;

    public void Read(ReadOnlySpan<byte> piece)
    {
    }

    public bool ReadEvent(ReadOnlySpan<byte> text)
    {
        if (_length > 0 && text.StartsWith(_beginning.AsSpan(0, _length)))
        {
            return true;
        }

        if (UsageEvent.Is(text))
        {
            return false;
        }

        Remember(text[..UsageEvent.EndOfFirstChoice(text)]);
        return true;
    }

    private void Remember(ReadOnlySpan<byte> beginning)
    {
        _length = 0;
        if (!beginning.IsEmpty && beginning.Length <= LongestBeginning)
        {
            _beginning ??= new byte[LongestBeginning];
            beginning.CopyTo(_beginning);
            _length = beginning.Length;
        }
    }
}
