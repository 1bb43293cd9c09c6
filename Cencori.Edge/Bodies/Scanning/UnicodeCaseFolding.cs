using System.Text;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>
/// Compares names without regard to letter case, like JSON parsers in Go: a provider may accept each name that is equal in this way. Go also treats two
/// non-ASCII letters as ASCII letters: the long s (U+017F) as s, and the kelvin sign (U+212A) as k.
/// </summary>
internal static class UnicodeCaseFolding
{
    public const char LongS = '\u017f';
    public const char Kelvin = '\u212a';

    private static ReadOnlySpan<byte> LongSBytes => "\u017f"u8;

    private static ReadOnlySpan<byte> KelvinBytes => "\u212a"u8;

    /// <param name="text">Unescaped text of a body, in UTF-8 that may be invalid.</param>
    /// <param name="word">ASCII.</param>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        // A long s or a kelvin sign takes more bytes than its ASCII letter. So a text that contains one and matches must be longer than the word.
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

    /// <param name="text">Text of a body.</param>
    /// <param name="word">ASCII.</param>
    public static bool EqualsIgnoreCase(string text, string word) =>
        text.Length == word.Length && text.Replace(LongS, 's').Replace(Kelvin, 'k').Equals(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Removes the first letter of the text, and returns the corresponding ASCII letter.</summary>
    /// <returns>s for the long s, k for the kelvin sign. Before any other letter, only its first byte is removed and returned. 0: the text is empty.</returns>
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
