namespace Cencori.Edge.Streams;

/// <summary>Removes the event with only usage from one stream. An event above the size limit has more than usage, and is not removed.</summary>
public sealed class UsageFilter : IResponseObserver
{
    // Maximum length of the remembered beginning of an event, in bytes. Events with longer beginnings are parsed each time.
    private const int LongestBeginning = 256;

    // The beginning of an earlier event up to its first choice. An event with the same beginning has a choice too, and needs no parsing.
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
