using System.Buffers;
using System.Text;

namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>
/// A text in the form that detectors read: escapes resolved, zero-width characters removed, full-width forms and look-alikes folded to ASCII. Maps each
/// character back to its place in the source, which stays unchanged.
/// </summary>
/// <remarks>Reusable for many texts, one after the other. Not thread-safe. Uses pooled memory.</remarks>
public sealed class ScannedText : IDisposable
{
    // Bytes that need work: non-ASCII characters, and escapes. All other bytes are copied directly.
    private static readonly SearchValues<byte> OtherBytes = SearchValues.Create([(byte)'\\', .. Enumerable.Range(0x80, 0x80).Select(value => (byte)value)]);

    private readonly SourceMap _map = new();
    private readonly InnerEscapes _escapes;
    private char[] _text = [];
    private int _length;
    private int _sourceLength;
    private bool _isSame;
    private bool _hasLookAlikes;
    private bool _isAfterFlag;
    private bool _hidesInWord;

    private readonly bool _folds;

    /// <param name="folds">False: resolves only escapes, without folding.</param>
    /// <param name="keepsLetters">True: keeps letters after a backslash, see <see cref="TextForms.LettersAfterBackslash"/>.</param>
    public ScannedText(bool folds = true, bool keepsLetters = false) => (_folds, _escapes) = (folds, new InnerEscapes(Append, keepsLetters));

    /// <summary>The text for detectors. Valid until the next text is read.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>Number of characters at the end of <see cref="Text"/> that may change when more of the source arrives: an incomplete escape, half of a surrogate pair, a
    /// word with look-alikes (at most 64 characters).</summary>
    public int Unfinished { get; private set; }

    /// <summary>The forms of the source that differ from this one.</summary>
    public TextForms OtherForms => (_isSame ? TextForms.None : TextForms.Unfolded) | (_escapes.HasLostLetters ? TextForms.LettersAfterBackslash : TextForms.None);

    /// <summary>True when the source has tag characters (U+E0000 to U+E007F) outside of region flags: text that only models read.</summary>
    public bool HasTagCharacters { get; private set; }

    /// <summary>True when the source reverses the writing direction with U+202D or U+202E.</summary>
    public bool HasBidiOverrides { get; private set; }

    /// <summary>True when the source has zero-width characters between two ASCII letters or digits. Soft hyphens do not count.</summary>
    public bool HasZeroWidthInWord { get; private set; }

    /// <summary>Reads the inside of a JSON string: UTF-8 with its escapes, without its quotes. Escapes of nested JSON are resolved too, at any depth.</summary>
    /// <param name="source">The raw bytes.</param>
    /// <param name="isInner">True when the text is itself JSON. Matters only if letters after a backslash are kept.</param>
    public void ReadJson(ReadOnlySpan<byte> source, bool isInner = false)
    {
        Begin(source.Length, isInner);
        var plain = source.IndexOfAny(OtherBytes);
        if (plain < 0)
        {
            CopyAll(source);
            return;
        }

        for (var at = 0; at < source.Length;)
        {
            if (!_escapes.IsOpen && plain > 0)
            {
                Copy(source.Slice(at, plain), at);
                at += plain;
                plain = 0;
                continue;
            }

            var size = JsonCharacters.Read(source[at..], out var character);
            Read(character, at, at + size);
            at += size;
            plain = _escapes.IsOpen || at == source.Length || source[at] >= 0x80 ? 0 : LengthUntilOther(source[at..]);
        }

        End();
    }

    /// <summary>Reads plain text. Resolves escapes as in nested JSON, because the arguments of tools are read this way too.</summary>
    /// <param name="source">The text.</param>
    /// <param name="isInner">True when the text is itself JSON. Matters only if letters after a backslash are kept.</param>
    public void ReadPlain(ReadOnlySpan<char> source, bool isInner = false)
    {
        Begin(source.Length, isInner);
        if (Ascii.IsValid(source) && !source.Contains('\\'))
        {
            _isSame = true;
            source.CopyTo(_text);
            _length = source.Length;
            return;
        }

        for (var at = 0; at < source.Length;)
        {
            var isComplete = Rune.DecodeFromUtf16(source[at..], out var rune, out var size) == OperationStatus.Done;
            Read(isComplete ? rune.Value : JsonCharacters.Unit(source[at]), at, at + size);
            at += size;
        }

        End(halves: char.IsHighSurrogate(source[^1]) ? 1 : 0);
    }

    /// <summary>
    /// Maps a range of <see cref="Text"/> to the source: in bytes of JSON, or characters of plain text. The range includes zero-width characters inside it, and
    /// never cuts an escape. An empty range maps to the place of its first character, or to the end of the source.
    /// </summary>
    public Finding SourceOf(Finding found)
    {
        if (_isSame)
        {
            return found;
        }

        var start = found.Start == _length ? _sourceLength : _map.Of(found.Start).Start;
        return new Finding(start, found.Length == 0 ? 0 : _map.Of(found.End - 1).End - start);
    }

    public void Dispose()
    {
        _map.Dispose();
        ReturnBuffer();
        _length = 0;
    }

    private void Begin(int sourceLength, bool isInner)
    {
        // The output is never longer than the source: each output character comes from at least one source unit.
        if (_text.Length < sourceLength)
        {
            ReturnBuffer();
            _text = ArrayPool<char>.Shared.Rent(sourceLength);
        }

        _map.Clear();
        _escapes.Begin(isInner);
        _sourceLength = sourceLength;
        (_length, Unfinished) = (0, 0);
        _isSame = _hasLookAlikes = _isAfterFlag = _hidesInWord = false;
        HasTagCharacters = HasBidiOverrides = HasZeroWidthInWord = false;
    }

    private void End(int halves = 0)
    {
        Unfinished = Math.Max(_escapes.End(), halves);
        if (_hasLookAlikes)
        {
            Unfinished += LookAlikes.Fold(_text.AsSpan(0, _length), _length - Unfinished);
        }
    }

    private void CopyAll(ReadOnlySpan<byte> ascii)
    {
        _isSame = true;
        Encoding.ASCII.GetChars(ascii, _text);
        _length = ascii.Length;
    }

    private void Copy(ReadOnlySpan<byte> ascii, int at)
    {
        _map.Add(_length, at, 1);
        NoteNext(ascii[0]);
        Encoding.ASCII.GetChars(ascii, _text.AsSpan(_length));
        _length += ascii.Length;
        _isAfterFlag = false;
    }

    private void Read(int character, int start, int end)
    {
        if (_escapes.IsOpen || character == '\\')
        {
            _escapes.Read(character, start, end);
        }
        else
        {
            Append(character, start, end);
        }
    }

    private void Append(int character, int start, int end)
    {
        if (character >= 0x80 && _folds)
        {
            _hasLookAlikes |= LookAlikes.MayBe(character);
            character = Folding.Fold(character);
            if (character < 0)
            {
                Drop(~character);
                return;
            }
        }

        NoteNext(character);
        _isAfterFlag = character == Folding.BlackFlag;
        if (character < 0x10000)
        {
            _map.Add(_length, start, end - start);
            _text[_length++] = (char)character;
        }
        else
        {
            _map.AddPair(_length, start, end - start);
            _length += new Rune(character).EncodeToUtf16(_text.AsSpan(_length));
        }
    }

    private void Drop(int character)
    {
        HasTagCharacters |= character is >= 0xE0000 and <= 0xE007F && !_isAfterFlag;
        HasBidiOverrides |= character is 0x202D or 0x202E;
        _hidesInWord |= Folding.HidesInWords(character) && _length > 0 && char.IsAsciiLetterOrDigit(_text[_length - 1]);
    }

    private void NoteNext(int character)
    {
        HasZeroWidthInWord |= _hidesInWord && character < 0x80 && char.IsAsciiLetterOrDigit((char)character);
        _hidesInWord = false;
    }

    private void ReturnBuffer()
    {
        if (_text.Length > 0)
        {
            ArrayPool<char>.Shared.Return(_text);
            _text = [];
        }
    }

    private static int LengthUntilOther(ReadOnlySpan<byte> source)
    {
        var length = source.IndexOfAny(OtherBytes);
        return length < 0 ? source.Length : length;
    }
}
