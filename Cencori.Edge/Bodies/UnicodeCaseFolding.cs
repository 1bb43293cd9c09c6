using System.Text;

namespace Cencori.Edge.Bodies;

/// <summary>
/// Compares without regard to case as the most liberal of providers do. Go's standard library takes two letters outside of ASCII for
/// ASCII's: the long s (U+017F) for an s, and the sign of the kelvin (U+212A) for a k.
/// </summary>
internal static class UnicodeCaseFolding
{
    public const char LongS = '\u017f';
    public const char Kelvin = '\u212a';

    private static ReadOnlySpan<byte> LongSBytes => "\u017f"u8;

    private static ReadOnlySpan<byte> KelvinBytes => "\u212a"u8;

    /// <param name="text">Of a body, unescaped, in UTF-8 that may be broken.</param>
    /// <param name="word">In ASCII.</param>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        // Each of those letters is longer than the one it is taken for.
        if (text.Length <= word.Length || text.Length > word.Length * KelvinBytes.Length)
        {
            return Ascii.EqualsIgnoreCase(text, word);
        }

        foreach (var letter in word)
        {
            var taken = Take(ref text);
            if (!Ascii.EqualsIgnoreCase([taken], [letter]))
            {
                return false;
            }
        }

        return text.IsEmpty;
    }

    /// <param name="text">Of a body.</param>
    /// <param name="word">In ASCII.</param>
    public static bool EqualsIgnoreCase(string text, string word) =>
        text.Length == word.Length && text.Replace(LongS, 's').Replace(Kelvin, 'k').Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes one letter from the front, as ASCII where it is taken for it.</summary>
    /// <returns>The first byte of any other; 0 where there is nothing.</returns>
    public static byte Take(ref ReadOnlySpan<byte> text)
    {
        var (letter, length) = text.IsEmpty ? ((byte)0, 0)
            : text.StartsWith(LongSBytes) ? ((byte)'s', LongSBytes.Length)
            : text.StartsWith(KelvinBytes) ? ((byte)'k', KelvinBytes.Length)
            : (text[0], 1);
        text = text[length..];
        return letter;
    }
}
