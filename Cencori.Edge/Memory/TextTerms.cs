using System.Globalization;
using System.Text;
using Cencori.Edge.Providers.Sandbox;

namespace Cencori.Edge.Memory;

/// <summary>The words of a text, as two databases and the ranking agree on them: runs of letters and digits, in lower case.</summary>
internal static class TextTerms
{
    private const int LongestTerm = 64;

    /// <param name="text">Any.</param>
    /// <param name="folds">Accents on letters are left out.</param>
    /// <param name="most">No more than these.</param>
    public static List<string> Of(string text, bool folds, int most = int.MaxValue)
    {
        var terms = new List<string>();
        var term = new StringBuilder();
        Span<char> letter = stackalloc char[2];
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                var length = (folds ? FoldedLetter.Of(rune) : Rune.ToLowerInvariant(rune)).EncodeToUtf16(letter);
                term.Append(term.Length < LongestTerm ? letter[..length] : default);
            }
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
            {
                End();
            }
            else if (!folds)
            {
                term.Append(rune.ToString());
            }

            if (terms.Count == most)
            {
                return terms;
            }
        }

        End();
        return terms;

        void End()
        {
            if (term.Length > 0)
            {
                terms.Add(term.ToString());
                term.Clear();
            }
        }
    }
}
