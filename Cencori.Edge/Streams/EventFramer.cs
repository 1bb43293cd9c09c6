namespace Cencori.Edge.Streams;

/// <summary>
/// Finds the ends of events in a byte stream that is cut anywhere. An event ends with an empty line. As in the specification, lines end
/// with LF, CR or both.
/// </summary>
internal struct EventFramer
{
    private bool _isWithinLine;
    private bool _isAfterCarriageReturn;

    /// <summary>
    /// True if the previous event ended with a CR and this byte is the LF that belongs to that CR. Call this only when no event is open.
    /// </summary>
    public bool IsLateLineFeed(byte next)
    {
        var isLate = _isAfterCarriageReturn && next == '\n';
        _isAfterCarriageReturn &= !isLate;
        return isLate;
    }

    /// <summary>Searches for the end of the current event. Moves <paramref name="at"/> to the first byte after that event, or to the end of the bytes.</summary>
    public bool TryFindEnd(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length)
        {
            if (_isAfterCarriageReturn)
            {
                _isAfterCarriageReturn = false;
                if (bytes[at] == '\n')
                {
                    at++;
                    continue;
                }
            }

            var length = bytes[at..].IndexOfAny((byte)'\r', (byte)'\n');
            if (length < 0)
            {
                (_isWithinLine, at) = (true, bytes.Length);
                return false;
            }

            var isEmpty = length == 0 && !_isWithinLine;
            at += length + 1;
            if (!isEmpty && at < bytes.Length && bytes[at - 1] == '\n' && bytes[at] == '\n')
            {
                // Fast path: nearly all events end with two LFs.
                (_isWithinLine, at) = (false, at + 1);
                return true;
            }

            (_isWithinLine, _isAfterCarriageReturn) = (false, bytes[at - 1] == '\r');
            if (isEmpty)
            {
                at += _isAfterCarriageReturn && at < bytes.Length && IsLateLineFeed(bytes[at]) ? 1 : 0;
                return true;
            }
        }

        return false;
    }
}
