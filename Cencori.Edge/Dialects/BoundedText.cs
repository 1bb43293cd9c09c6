namespace Cencori.Edge.Dialects;

/// <summary>Holds a copy of a JSON value, so that the value can be written a second time. A copy that exceeds the limit (in bytes) is dropped.</summary>
internal sealed class BoundedText(int max)
{
    private readonly TextBuffer _text = new();

    /// <summary>True when a value was copied and did not exceed the limit.</summary>
    public bool IsComplete => !IsTooLarge && _text.Length > 0;

    public bool IsTooLarge { get; private set; }

    public ReadOnlySpan<byte> Span => IsTooLarge ? [] : _text.Span;

    public void Add(ReadOnlySpan<byte> piece)
    {
        IsTooLarge |= _text.Length + piece.Length > max;
        if (IsTooLarge)
        {
            _text.Clear();
        }
        else
        {
            _text.Append(piece);
        }
    }

    /// <summary>Drops the copy and starts a new one.</summary>
    public void Clear()
    {
        IsTooLarge = false;
        _text.Clear();
    }
}
