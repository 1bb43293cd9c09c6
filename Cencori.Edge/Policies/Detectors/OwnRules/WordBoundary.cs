using System.Globalization;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Finds word boundaries.</summary>
internal static class WordBoundary
{
    // Scripts in which a word may begin at any character: scripts without spaces between words, and Korean, which attaches endings to words.
    private static readonly (char From, char To)[] Unspaced =
    [
        ('\u0E00', '\u0FFF'), ('\u1000', '\u109F'), ('\u1100', '\u11FF'), ('\u1780', '\u17FF'), ('\u3005', '\u3007'), ('\u3040', '\u31FF'),
        ('\u3400', '\u4DBF'), ('\u4E00', '\u9FFF'), ('\uA960', '\uA97F'), ('\uAC00', '\uD7FF'), ('\uF900', '\uFAFF'), ('\uFF66', '\uFFDC'),
    ];

    /// <summary>True when a word begins or ends at the position <paramref name="at"/>, or when the script does not separate words by spaces.</summary>
    public static bool At(ReadOnlySpan<char> text, int at) => at <= 0 || at >= text.Length || !IsOfWord(text[at - 1]) || !IsOfWord(text[at]);

    private static bool IsOfWord(char character)
    {
        if (char.IsAscii(character))
        {
            return char.IsAsciiLetterOrDigit(character);
        }

        if (!char.IsLetterOrDigit(character) && CharUnicodeInfo.GetUnicodeCategory(character) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
        {
            return false;
        }

        foreach (var (from, to) in Unspaced)
        {
            if (character >= from && character <= to)
            {
                return false;
            }
        }

        return true;
    }
}
