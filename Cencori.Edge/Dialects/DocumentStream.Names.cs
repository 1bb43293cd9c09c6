namespace Cencori.Edge.Dialects;

/// <summary>Holds the bytes before a value (comma, white space, name) until it is known whether the value is kept.</summary>
internal abstract partial class DocumentStream
{
    private void Hold(byte next, int max)
    {
        if (_held.Length < max)
        {
            _held.Append(next);
        }
    }

    private int ReadName(ReadOnlySpan<byte> bytes)
    {
        var end = _isEscaped ? 0 : bytes.IndexOfAny((byte)'"', (byte)'\\');
        var isEnd = end >= 0 && !_isEscaped && bytes[end] == '"';
        _isEscaped = end >= 0 && !_isEscaped && bytes[end] == '\\';
        var read = end < 0 ? bytes.Length : end + 1;
        _held.Append(bytes[..read]);
        if (isEnd)
        {
            (_nameEnd, _state) = (_held.Length, State.Colon);
        }
        else if (_held.Length > 2 * MaxHeldBytes)
        {
            // The name is too long to be recognized, so the member passes unchanged.
            WriteHeld(default);
            _isNameLong = true;
        }

        return read;
    }

    // Writes the held bytes before a value. Removes a comma before the first member that is kept: the comma follows dropped members.
    private void WriteHeld(string? name)
    {
        ref var level = ref _levels[_depth - 1];
        var held = _held.Span;
        if (!level.HasMembers && held.IndexOf((byte)',') is >= 0 and var comma && (level.IsList || comma < _nameStart))
        {
            Output.Append(held[..comma]);
            held = held[(comma + 1)..];
        }

        var start = held.Length - (_held.Length - _nameStart);
        if (name is null)
        {
            Output.Append(held);
        }
        else
        {
            Output.Append(held[..(start + 1)]);
            Output.Append(System.Text.Encoding.ASCII.GetBytes(name));
            Output.Append(held[(start + _nameEnd - _nameStart - 1)..]);
        }

        level.HasMembers = true;
        _held.Clear();
        (_nameStart, _nameEnd) = (0, 0);
    }

    private struct Level
    {
        public int Place;
        public bool IsList;
        public bool HasMembers;
        public int Elements;
    }
}
