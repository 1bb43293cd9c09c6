namespace Cencori.Edge.Streams;

/// <summary>
/// Finds where the events of a stream end, in bytes that come cut anywhere: at an empty line, and lines end as the specification allows,
/// with LF, CR or both.
/// </summary>
internal struct EventFramer
{
    private bool _isWithinLine;
    private bool _isAfterCarriageReturn;

    /// <summary>
    /// True where an event ended with a CR, so that it was whole, and its LF comes only now. To be asked where no event is open.
    /// </summary>
    public bool IsLateLineFeed(byte next)
    {
        var isLate = _isAfterCarriageReturn && next == '\n';
        _isAfterCarriageReturn &= !isLate;
        return isLate;
    }

    /// <summary>Looks for the next end of an event, and moves behind it, or behind everything.</summary>
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
                // Nearly all events end so.
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
