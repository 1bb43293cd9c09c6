namespace Cencori.Edge.Streams;

/// <summary>
/// Finds out which pieces of an event stream, cut anywhere, contain event data. Comments, other fields and empty lines are not
/// data.
/// </summary>
internal struct DataLines
{
    private const int Other = -1;

    // How many bytes of "data:" the current line has matched so far. The constant Other: the line is no data line.
    private int _matched;

    private static ReadOnlySpan<byte> Name => "data:"u8;

    private static ReadOnlySpan<byte> Blanks => " \t"u8;

    /// <summary>Processes the next piece.</summary>
    /// <returns>True: the piece contains event data.</returns>
    public bool ContainsData(ReadOnlySpan<byte> piece)
    {
        var isFound = false;
        while (!piece.IsEmpty)
        {
            // Once data was found, only the last line of the piece matters, because it may continue in the next piece.
            var end = isFound ? piece.LastIndexOfAny((byte)'\r', (byte)'\n') : piece.IndexOfAny((byte)'\r', (byte)'\n');
            if (!isFound || end < 0)
            {
                isFound |= HasData(end < 0 ? piece : piece[..end]);
            }

            if (end < 0)
            {
                break;
            }

            _matched = 0;
            piece = piece[(end + 1)..];
        }

        return isFound;
    }

    private bool HasData(ReadOnlySpan<byte> line)
    {
        if (_matched == Other)
        {
            return false;
        }

        var length = Math.Min(Name.Length - _matched, line.Length);
        _matched = line[..length].SequenceEqual(Name.Slice(_matched, length)) ? _matched + length : Other;
        return _matched == Name.Length && line[length..].ContainsAnyExcept(Blanks);
    }
}
