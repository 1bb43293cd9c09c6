using System.Buffers;

namespace Cencori.Edge.Dialects;

/// <summary>Finds the end of one JSON value that arrives in pieces, which may be cut anywhere.</summary>
internal struct JsonValueScanner
{
    private static readonly SearchValues<byte> EndsOfScalar = SearchValues.Create(",}] \t\r\n"u8);
    private static readonly SearchValues<byte> QuotesAndBrackets = SearchValues.Create("\"{}[]"u8);

    private int _depth;
    private bool _isString;
    private bool _isEscaped;
    private bool _isScalar;

    /// <summary>Starts a new value. Then pass all bytes of the value to <see cref="Read"/>, including the first.</summary>
    public void Begin(byte first) => this = new() { _isScalar = first is not ((byte)'"' or (byte)'{' or (byte)'[') };

    /// <param name="bytes">The next bytes. Must not be empty.</param>
    /// <param name="isOver">True when the end of the value is in <paramref name="bytes"/>.</param>
    /// <returns>Number of bytes that belong to the value.</returns>
    public int Read(ReadOnlySpan<byte> bytes, out bool isOver)
    {
        isOver = false;
        if (_isScalar)
        {
            var end = bytes.IndexOfAny(EndsOfScalar);
            isOver = end >= 0;
            return isOver ? end : bytes.Length;
        }

        for (var at = 0; at < bytes.Length;)
        {
            if (_isString)
            {
                at += ReadString(bytes[at..]);
            }
            else
            {
                var next = bytes[at..].IndexOfAny(QuotesAndBrackets);
                if (next < 0)
                {
                    break;
                }

                at += next + 1;
                _isString = bytes[at - 1] == '"';
                _depth += bytes[at - 1] is (byte)'{' or (byte)'[' ? 1 : _isString ? 0 : -1;
                if (_isString)
                {
                    continue;
                }
            }

            if (!_isString && _depth <= 0)
            {
                isOver = true;
                return at;
            }
        }

        return bytes.Length;
    }

    private int ReadString(ReadOnlySpan<byte> bytes)
    {
        if (_isEscaped)
        {
            _isEscaped = false;
            return 1;
        }

        var end = bytes.IndexOfAny((byte)'"', (byte)'\\');
        if (end < 0)
        {
            return bytes.Length;
        }

        _isString = bytes[end] != '"';
        _isEscaped = _isString;
        return end + 1;
    }
}
