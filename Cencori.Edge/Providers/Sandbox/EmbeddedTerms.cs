using System.Buffers;
using System.Globalization;
using System.Text;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// The terms of a text, folded by <see cref="FoldedLetter"/>: words; in scripts without spaces, single characters and pairs of neighbours; and symbols such as emoji.
/// Must be disposed, because its arrays are rented.
/// </summary>
internal sealed class EmbeddedTerms : IDisposable
{
    // Maximum number of stored characters for one input character: it folds into at most two, and may have a space before it.
    private const int MaxOfOne = 3;

    private readonly char[] _folded;
    private ulong[] _hashes;
    private Place[] _places;
    private int _length;
    private int _start;

    private EmbeddedTerms(string text)
    {
        _folded = ArrayPool<char>.Shared.Rent(MaxOfOne * text.Length + 2);
        _hashes = ArrayPool<ulong>.Shared.Rent(text.Length / 4 + 1);
        _places = ArrayPool<Place>.Shared.Rent(_hashes.Length);
        _folded[_length++] = ' ';
        _start = _length;
    }

    private enum Kind
    {
        Space,
        Letter,
        Ideograph,
        Symbol,
        Skipped,
    }

    /// <summary>The terms sorted by hash, so that their order in the text does not matter and equal terms are adjacent.</summary>
    public static EmbeddedTerms Of(string text)
    {
        var terms = new EmbeddedTerms(text);
        terms.Read(text);
        terms._hashes.AsSpan(0, terms.Count).Sort(terms._places.AsSpan(0, terms.Count));
        return terms;
    }

    public int Count { get; private set; }

    public ulong Hash(int index) => _hashes[index];

    public bool IsWord(int index) => _places[index].IsWord;

    /// <summary>The term's text: a word with a space on each side, a character without.</summary>
    public ReadOnlySpan<char> Text(int index)
    {
        var place = _places[index];
        return place.IsWord ? _folded.AsSpan(place.Start - 1, place.Length + 2) : _folded.AsSpan(place.Start, place.Length);
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_folded);
        ArrayPool<ulong>.Shared.Return(_hashes);
        ArrayPool<Place>.Shared.Return(_places);
    }

    private void Read(string text)
    {
        var before = Kind.Space;
        foreach (var rune in text.EnumerateRunes())
        {
            var kind = KindOf(rune);
            if (kind == Kind.Skipped)
            {
                continue;
            }

            if (kind != before || kind == Kind.Symbol)
            {
                EndWord(before);
            }

            before = kind;
            switch (kind)
            {
                case Kind.Letter:
                    AppendLetter(FoldedLetter.Of(rune));
                    break;
                case Kind.Ideograph:
                    Append(rune);
                    AddIdeograph();
                    break;
                case Kind.Symbol:
                    Append(rune);
                    AddTerm(_start, _length - _start, isWord: false);
                    break;
            }
        }

        EndWord(before);
    }

    private static Kind KindOf(Rune rune)
    {
        if (rune.IsAscii)
        {
            return char.IsAsciiLetterOrDigit((char)rune.Value) ? Kind.Letter : Kind.Space;
        }

        if (FoldedLetter.IsSkipped(rune))
        {
            return Kind.Skipped;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            _ when IsIdeograph(rune.Value) => Kind.Ideograph,
            UnicodeCategory.OtherSymbol => Kind.Symbol,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => Kind.Letter,
            _ => Rune.IsLetter(rune) || Rune.IsNumber(rune) ? Kind.Letter : Kind.Space,
        };
    }

    // Characters that are terms by themselves: Han, Kana, Bopomofo and Hangul (whose words end in particles). Han only within the BMP, because other Han characters are rare.
    private static bool IsIdeograph(int character) => character is
        (>= 0x3005 and <= 0x3007) or (>= 0x3041 and <= 0x30FA) or (>= 0x30FC and <= 0x318E) or (>= 0x31A0 and <= 0x31FF)
        or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF);

    private void AppendLetter(Rune folded)
    {
        if (FoldedLetter.TwoLetters(folded) is { } letters)
        {
            letters.CopyTo(_folded.AsSpan(_length));
            _length += letters.Length;
        }
        else
        {
            Append(folded);
        }
    }

    private void Append(Rune rune) => _length += rune.EncodeToUtf16(_folded.AsSpan(_length));

    private void AddIdeograph()
    {
        AddTerm(_length - 1, 1, isWord: false);
        if (_length - _start > 1)
        {
            AddTerm(_length - 2, 2, isWord: false);
        }
    }

    private void EndWord(Kind kind)
    {
        if (_length == _start)
        {
            return;
        }

        if (kind == Kind.Letter)
        {
            AddTerm(_start, _length - _start, isWord: true);
        }

        _folded[_length++] = ' ';
        _start = _length;
    }

    private void AddTerm(int start, int length, bool isWord)
    {
        if (Count == Math.Min(_hashes.Length, _places.Length))
        {
            Grow(ref _hashes);
            Grow(ref _places);
        }

        _hashes[Count] = FeatureHash.Of(_folded.AsSpan(start, length));
        _places[Count++] = new Place(start, length, isWord);
    }

    private static void Grow<T>(ref T[] array)
    {
        var larger = ArrayPool<T>.Shared.Rent(2 * array.Length);
        array.CopyTo(larger, 0);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }

    private readonly record struct Place(int Start, int Length, bool IsWord);
}
