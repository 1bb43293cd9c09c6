namespace Cencori.Edge.Streams;

/// <summary>Removes from one stream the event that contains only usage. An event above the size limit contains more than usage, so it is not removed.</summary>
public sealed class UsageFilter : IResponseObserver
{
    // Maximum length of the beginning that is remembered, in bytes. If the beginning of an event is longer, the next event is searched for choices again.
    private const int LongestBeginning = 256;

    // The beginning of an earlier event: from its first byte to the opening brace of its first choice. An event that begins with the same bytes has a choice
    // too, so it is not the event with only usage, and is not searched for choices.
    private byte[]? _beginning;
    private int _length;

    public bool RemovesEvents => true;

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
