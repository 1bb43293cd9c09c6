using System.Text;

namespace Cencori.Edge.Metering;

/// <summary>Unescapes one JSON string that arrives in pieces, which may be cut anywhere.</summary>
internal struct JsonText
{
    private const int HexDigits = 4;

    private int _hexLeft;
    private int _unit;
    private char _highSurrogate;

    /// <summary>True when the last byte was part of an escape: pass the next byte to <see cref="Escaped"/>.</summary>
    public bool IsWithinEscape { get; private set; }

    /// <summary>Call after a backslash.</summary>
    public void BeginEscape() => IsWithinEscape = true;

    /// <summary>Ends a sequence of escapes. If the sequence ends with half of a surrogate pair, appends U+FFFD. Call it before text without escapes, and at
    /// the end of the string.</summary>
    public void Plain(ref OutputText text)
    {
        if (_highSurrogate != 0)
        {
            _highSurrogate = '\0';
            Append(Rune.ReplacementChar, ref text);
        }
    }

    /// <summary>Processes the next byte of an escape.</summary>
    public void Escaped(byte next, ref OutputText text)
    {
        if (_hexLeft > 0)
        {
            _unit = (_unit << 4) | HexValue(next);
            IsWithinEscape = --_hexLeft > 0;
            if (!IsWithinEscape)
            {
                AppendUnit((char)_unit, ref text);
            }
        }
        else if (next == 'u')
        {
            (_hexLeft, _unit) = (HexDigits, 0);
        }
        else
        {
            IsWithinEscape = false;
            Plain(ref text);
            text.Append([Meaning(next)]);
        }
    }

    // In invalid JSON the character may not be a hex digit. Then any value may be returned.
    private static int HexValue(byte digit) => (digit & 0xF) + (digit > '9' ? 9 : 0);

    private static byte Meaning(byte escape) => escape switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'t' => (byte)'\t',
        (byte)'r' => (byte)'\r',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => escape,
    };

    private static void Append(Rune rune, ref OutputText text)
    {
        Span<byte> utf8 = stackalloc byte[4];
        text.Append(utf8[..rune.EncodeToUtf8(utf8)]);
    }

    private void AppendUnit(char unit, ref OutputText text)
    {
        if (char.IsLowSurrogate(unit) && _highSurrogate != 0)
        {
            Append(new Rune(_highSurrogate, unit), ref text);
            _highSurrogate = '\0';
            return;
        }

        Plain(ref text);
        if (char.IsHighSurrogate(unit))
        {
            _highSurrogate = unit;
            return;
        }

        Append(char.IsSurrogate(unit) ? Rune.ReplacementChar : new Rune(unit), ref text);
    }
}
