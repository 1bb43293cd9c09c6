namespace Cencori.Edge.Metering;

/// <summary>
/// Extracts the data of server-sent events and passes it to a <see cref="ResponseScanner"/>, in the pieces in which it arrives. Pieces may be cut anywhere. Buffers nothing.
/// Lines may end with LF, CR or both, as the specification allows.
/// </summary>
internal struct EventLines
{
    private Place _place;
    private int _matched;
    private bool _isAfterCarriageReturn;

    // The part of a line that Step expects next. The part may be missing, such as the byte order mark. One call of Step reads at most to the end of the line.
    private enum Place : byte
    {
        Mark,
        Name,
        Space,
        Data,
        Rest,
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> DataName => "data:"u8;

    /// <summary>Call it when whole events were read by other code before the next bytes: a byte order mark is then no longer expected.</summary>
    public void Begin() => _place = _place == Place.Mark ? Place.Name : _place;

    public void Read(ReadOnlySpan<byte> bytes, ResponseScanner scanner)
    {
        while (!bytes.IsEmpty)
        {
            var isSecondHalf = _isAfterCarriageReturn && bytes[0] == '\n';
            _isAfterCarriageReturn = false;
            bytes = bytes[(isSecondHalf ? 1 : Step(bytes, scanner))..];
        }
    }

    /// <returns>Number of bytes processed. 0 when only the state has changed.</returns>
    private int Step(ReadOnlySpan<byte> bytes, ResponseScanner scanner)
    {
        switch (_place)
        {
            case Place.Mark:
                return Match(bytes[0], ByteOrderMark, Place.Name);
            case Place.Space:
                _place = Place.Data;
                return bytes[0] == ' ' ? 1 : 0;
            case Place.Name when bytes[0] is not ((byte)'\r' or (byte)'\n'):
                return Match(bytes[0], DataName, Place.Space);
            default:
                return ReadLine(bytes, scanner);
        }
    }

    private int Match(byte next, ReadOnlySpan<byte> expected, Place then)
    {
        if (next != expected[_matched])
        {
            // A first byte that is not a byte order mark starts the first line.
            _place = _place == Place.Mark && _matched == 0 ? Place.Name : Place.Rest;
            return 0;
        }

        if (++_matched == expected.Length)
        {
            (_place, _matched) = (then, 0);
        }

        return 1;
    }

    private int ReadLine(ReadOnlySpan<byte> bytes, ResponseScanner scanner)
    {
        var end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        var line = end < 0 ? bytes : bytes[..end];
        if (_place == Place.Data)
        {
            scanner.Read(line);
        }

        if (end < 0)
        {
            return bytes.Length;
        }

        if (_place == Place.Name && _matched == 0)
        {
            scanner.EndDocument();
        }
        else if (_place == Place.Data)
        {
            // The data lines of one event form one text, joined by line breaks.
            scanner.Read("\n"u8);
        }

        _isAfterCarriageReturn = bytes[end] == '\r';
        (_place, _matched) = (Place.Name, 0);
        return end + 1;
    }
}
