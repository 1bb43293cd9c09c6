using System.Globalization;
using System.Text;
using Cencori.Edge.Providers.Sandbox;

namespace Cencori.Edge.Memory.Search;

/// <summary>Splits a text into words as both databases and the ranking do: runs of letters and digits, in lower case.</summary>
internal static class TextTerms
{
    // Longer words are cut off and are not found. PostgreSQL refuses words of more than 2,046 bytes, which these cannot have.
    private const int LongestTerm = 512;

    /// <param name="text">Any text.</param>
    /// <param name="folds">True: removes accents from letters.</param>
    public static List<string> Of(string text, bool folds)
    {
        var terms = new List<string>();
        Walk(text, folds, term => terms.Add(term.ToString()));
        return terms;
    }

    /// <summary>Counts how often given words occur in a text. Accents are ignored. Allocates no strings.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="places">Maps each word to its index in <paramref name="counts"/>.</param>
    /// <param name="counts">One count per word.</param>
    /// <returns>Number of all words in the text.</returns>
    public static int Count(string text, Dictionary<string, int> places, int[] counts)
    {
        var lookup = places.GetAlternateLookup<ReadOnlySpan<char>>();
        var length = 0;
        Walk(text, folds: true, term =>
        {
            length++;
            if (lookup.TryGetValue(term, out var place))
            {
                counts[place]++;
            }
        });
        return length;
    }

    private static void Walk(string text, bool folds, Action<ReadOnlySpan<char>> take)
    {
        Span<char> term = stackalloc char[LongestTerm + 2];
        Span<char> letter = stackalloc char[2];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsLetterOrDigit(rune) || (!folds && length > 0 && category == UnicodeCategory.NonSpacingMark))
            {
                var written = (folds ? FoldedLetter.Of(rune) : Rune.ToLowerInvariant(rune)).EncodeToUtf16(letter);
                if (length < LongestTerm)
                {
                    letter[..written].CopyTo(term[length..]);
                    length += written;
                }
            }
            else if (category != UnicodeCategory.NonSpacingMark && length > 0)
            {
                take(term[..length]);
                length = 0;
            }
        }

        if (length > 0)
        {
            take(term[..length]);
        }
    }
}
