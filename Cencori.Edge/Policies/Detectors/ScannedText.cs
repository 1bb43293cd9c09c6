using System.Buffers;
using System.Text;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>
/// A text as detectors see it: without escapes, without characters of no width, full-width forms and look-alikes written as the ASCII characters that they look like. It knows where
/// each of its characters stands in the source, which stays as it is.
/// </summary>
/// <remarks>One is used for many texts, one after the other, by one thread at a time. Its memory comes from the pool and goes back to it.</remarks>
public sealed class ScannedText : IDisposable
{
    // What cannot be copied as it stands: bytes of other scripts, and escapes.
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

    /// <param name="folds">False: nothing but escapes counts as anything else than what it is.</param>
    public ScannedText(bool folds = true) => (_folds, _escapes) = (folds, new InnerEscapes(Append));

    /// <summary>Valid until the next text is read.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>How many characters at the end of <see cref="Text"/> may turn into others when more of the source comes: an escape that has just begun, half of a pair, a word of look-alikes. At most 64 of a word.</summary>
    public int Unfinished { get; private set; }

    /// <summary>The source has tag characters (U+E0000 to U+E007F), other than in flags of regions: text that only models read.</summary>
    public bool HasTagCharacters { get; private set; }

    /// <summary>The source turns the direction of writing around by U+202D or U+202E.</summary>
    public bool HasBidiOverrides { get; private set; }

    /// <summary>The source has characters of no width between two ASCII letters or digits. Soft hyphens are not counted.</summary>
    public bool HasZeroWidthInWord { get; private set; }

    /// <summary>Reads the inside of a JSON string: UTF-8, with its escapes, without its quotes. Escapes of JSON within JSON count as what they stand for, however deep.</summary>
    public void ReadJson(ReadOnlySpan<byte> source)
    {
        Begin(source.Length);
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

    /// <summary>Reads plain text. A backslash counts as it does in JSON within JSON, since arguments of tools are read this way, too.</summary>
    public void ReadPlain(ReadOnlySpan<char> source)
    {
        Begin(source.Length);
        if (Ascii.IsValid(source) && !source.Contains('\\'))
        {
            _isSame = true;
            source.CopyTo(_text);
            _length = source.Length;
            return;
        }

        for (var at = 0; at < source.Length;)
        {
            var isWhole = Rune.DecodeFromUtf16(source[at..], out var rune, out var size) == OperationStatus.Done;
            Read(isWhole ? rune.Value : JsonCharacters.Unit(source[at]), at, at + size);
            at += size;
        }

        End(halves: char.IsHighSurrogate(source[^1]) ? 1 : 0);
    }

    /// <summary>
    /// Where a part of <see cref="Text"/> stands in the source: in bytes of JSON, or characters of plain text. Characters of no width between its own are inside. It cuts no escape. One of
    /// length 0 stands where its first character does, or at the end of the source.
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
        GiveBack();
        _length = 0;
    }

    private void Begin(int sourceLength)
    {
        // No character of ours comes from less than one of the source.
        if (_text.Length < sourceLength)
        {
            GiveBack();
            _text = ArrayPool<char>.Shared.Rent(sourceLength);
        }

        _map.Clear();
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

    private void GiveBack()
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
