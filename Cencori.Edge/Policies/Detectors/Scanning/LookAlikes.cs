using System.Buffers;
using System.Globalization;

namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>Replaces Greek and Cyrillic letters that look like Latin letters, in words that look Latin. Greek and Cyrillic words stay unchanged.</summary>
internal static class LookAlikes
{
    private const char First = '\u0370';
    private const char Last = '\u052F';
    private const int MaxUnfinished = 64;

    private static readonly SearchValues<char> Letters = SearchValues.Create([.. Enumerable.Range(First, Last - First + 1).Select(letter => (char)letter)]);
    private static readonly SearchValues<char> Ascii = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly char[] Latin = Table(
        "\u0391A\u0392B\u0395E\u0396Z\u0397H\u0399I\u039AK\u039CM\u039DN\u039FO\u03A1P\u03A4T\u03A5Y\u03A7X\u03B1a\u03B9i\u03BAk\u03BDv\u03BFo\u03C1p\u03C4t\u03C5u\u03C7x\u03F2c\u03F3j\u03F9C\u037FJ"
        + "\u0405S\u0406I\u0408J\u0410A\u0412B\u0415E\u041AK\u041CM\u041DH\u041EO\u0420P\u0421C\u0422T\u0423Y\u0425X\u0430a\u0432b\u0435e\u043Ak\u043Cm\u043Dh\u043Eo\u0440p\u0441c\u0442t\u0443y\u0445x"
        + "\u0455s\u0456i\u0458j\u0474V\u0475v\u04AEY\u04AFy\u04BBh\u04BAH\u04C0I\u04CFl\u0501d\u0500D\u051Bq\u051AQ\u051Dw\u051CW");

    public static bool MayBe(int character) => character is >= First and <= Last;

    /// <summary>Folds the text in place. A word that ends at or after <paramref name="finished"/> may be incomplete, so its folding may still change.</summary>
    /// <returns>The length of that word, at most 64. 0: there is no such word.</returns>
    public static int Fold(Span<char> text, int finished)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Letters);
            if (next < 0)
            {
                return 0;
            }

            var start = at + next;
            while (start > at && IsOfWord(text[start - 1]))
            {
                start--;
            }

            var end = at + next + 1;
            while (end < text.Length && IsOfWord(text[end]))
            {
                end++;
            }

            FoldWord(text[start..end]);
            if (end >= finished)
            {
                return Math.Min(end - start, MaxUnfinished);
            }

            at = end;
        }

        return 0;
    }

    private static void FoldWord(Span<char> word)
    {
        if (!word.ContainsAny(Ascii) && !AreAllLookAlikes(word))
        {
            return;
        }

        foreach (ref var letter in word)
        {
            if (MayBe(letter) && Latin[letter - First] is var latin and not '\0')
            {
                letter = latin;
            }
        }
    }

    private static bool AreAllLookAlikes(ReadOnlySpan<char> word)
    {
        foreach (var letter in word)
        {
            if (!MayBe(letter) || Latin[letter - First] == '\0')
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOfWord(char character) => char.IsAscii(character)
        ? char.IsAsciiLetterOrDigit(character)
        : char.IsLetterOrDigit(character) || CharUnicodeInfo.GetUnicodeCategory(character) == UnicodeCategory.NonSpacingMark;

    private static char[] Table(string pairs)
    {
        var table = new char[Last - First + 1];
        for (var at = 0; at < pairs.Length; at += 2)
        {
            table[pairs[at] - First] = pairs[at + 1];
        }

        return table;
    }
}
