namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>
/// Resolves escapes in a text that is itself JSON, at any nesting depth: a run of backslashes and the escaped character become one character. In text that is
/// not JSON, a run of backslashes becomes one backslash, and an escapable letter after it is lost: see <see cref="TextForms.LettersAfterBackslash"/>.
/// </summary>
/// <param name="append">Receives a character, and its start and end in the source.</param>
/// <param name="keepsLetters">True: letters after a backslash stay, except those that are escapes of JSON.</param>
internal sealed class InnerEscapes(Action<int, int, int> append, bool keepsLetters)
{
    private const int MaxDigits = 4;

    // Characters held back until the escape is complete: a run of backslashes, then the u and its digits.
    private readonly (int Character, int Start, int End)[] _held = new (int, int, int)[1 + 1 + MaxDigits];
    private int _count;
    private (char Unit, int Start, int End) _high;
    private bool _isJson;
    private bool _isRunOdd;

    /// <summary>True while an escape may be incomplete, so that the next character may belong to it.</summary>
    public bool IsOpen => _count > 0 || _high.Unit != 0;

    /// <summary>True when an escape that is a backslash and a letter was resolved.</summary>
    public bool HasLostLetters { get; private set; }

    /// <param name="isJson">True: the text is JSON, so a letter after an odd number of backslashes is an escape.</param>
    public void Begin(bool isJson) => (HasLostLetters, _isJson) = (false, isJson);

    public void Read(int character, int start, int end)
    {
        if (_count == 0)
        {
            if (character != '\\')
            {
                Put(character, start, end);
            }
            else
            {
                Hold(character, start, end);
                _isRunOdd = true;
            }
        }
        else if (_count == 1)
        {
            AfterBackslashes(character, start, end);
        }
        else if (character < 0x80 && char.IsAsciiHexDigit((char)character))
        {
            Hold(character, start, end);
            if (_count == _held.Length)
            {
                PutUnit();
            }
        }
        else
        {
            PutHeld();
            Read(character, start, end);
        }
    }

    /// <summary>Ends the text. Returns the number of characters that more text could have changed.</summary>
    public int End()
    {
        var unfinished = _count + (_high.Unit != 0 ? 1 : 0);
        PutHeld();
        PutHigh();
        return unfinished;
    }

    private void AfterBackslashes(int character, int start, int end)
    {
        switch (character)
        {
            case '\\':
                _held[0].End = end;
                _isRunOdd = !_isRunOdd;
                break;
            case 'u':
                Hold(character, start, end);
                break;
            case 'n' or 'r' or 't' or 'b' or 'f' or '"' or '/' when !keepsLetters || (_isJson && _isRunOdd) || character is '"' or '/':
                HasLostLetters |= character is not ('"' or '/');
                _count = 0;
                Put(character switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => ' ', 'f' => '\f', _ => character }, _held[0].Start, end);
                break;
            default:
                PutHeld();
                Read(character, start, end);
                break;
        }
    }

    private void Hold(int character, int start, int end) => _held[_count++] = (character, start, end);

    private void PutUnit()
    {
        var unit = 0;
        foreach (var (digit, _, _) in _held.AsSpan(2))
        {
            unit = (unit << 4) | JsonCharacters.Nibble((char)digit);
        }

        var (start, end) = (_held[0].Start, _held[^1].End);
        _count = 0;
        if (char.IsHighSurrogate((char)unit))
        {
            PutHigh();
            _high = ((char)unit, start, end);
        }
        else if (_high.Unit != 0 && char.IsLowSurrogate((char)unit))
        {
            var character = char.ConvertToUtf32(_high.Unit, (char)unit);
            start = _high.Start;
            _high = default;
            append(character, start, end);
        }
        else
        {
            Put(JsonCharacters.Unit((char)unit), start, end);
        }
    }

    private void Put(int character, int start, int end)
    {
        PutHigh();
        append(character, start, end);
    }

    private void PutHeld()
    {
        var count = _count;
        _count = 0;
        for (var each = 0; each < count; each++)
        {
            Put(_held[each].Character, _held[each].Start, _held[each].End);
        }
    }

    private void PutHigh()
    {
        if (_high.Unit != 0)
        {
            var (_, start, end) = _high;
            _high = default;
            append(JsonCharacters.Replacement, start, end);
        }
    }
}
