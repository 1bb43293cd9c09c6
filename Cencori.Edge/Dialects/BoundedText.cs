namespace Cencori.Edge.Dialects;

/// <summary>A value that is told once more, so far as there is room for it.</summary>
internal sealed class BoundedText(int most)
{
    private readonly TextBuffer _text = new();

    /// <summary>There was one, and it is here whole.</summary>
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

    /// <summary>What is read next counts.</summary>
    public void Clear()
    {
        IsTooLarge = false;
        _text.Clear();
    }
}
