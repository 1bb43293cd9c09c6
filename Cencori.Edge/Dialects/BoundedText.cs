namespace Cencori.Edge.Dialects;

/// <summary>A copy of a value that is sent again. Dropped when it exceeds the limit.</summary>
internal sealed class BoundedText(int most)
{
    private readonly TextBuffer _text = new();

    /// <summary>True when there is a value and it is complete.</summary>
    public bool IsWhole => !IsTooLarge && _text.Length > 0;

    public bool IsTooLarge { get; private set; }

    public ReadOnlySpan<byte> Span => IsTooLarge ? [] : _text.Span;

    public void Add(ReadOnlySpan<byte> piece)
    {
        IsTooLarge |= _text.Length + piece.Length > most;
        if (IsTooLarge)
        {
            _text.Clear();
        }
        else
        {
            _text.Append(piece);
        }
    }

    /// <summary>Restarts: only what is read from now on counts.</summary>
    public void Clear()
    {
        IsTooLarge = false;
        _text.Clear();
    }
}
