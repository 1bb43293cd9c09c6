using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Finds matches of an operator's own pattern, 1 to <c>maxMatch</c> characters long. If a match is longer, its first <c>maxMatch</c> characters
/// are searched again.</summary>
/// <exception cref="ArgumentException">The pattern is not valid; see <see cref="PatternChecks.Problem"/>.</exception>
internal sealed class PatternDetector(string pattern, bool ignoreCase, int maxMatch) : Detector
{
    // Number of characters after a match that can decide where it ends: "$" also matches before a final line end.
    private const int After = 2;

    // Length of the pieces in which a text is searched. Each match that is too long may cause its whole piece to be searched again.
    private readonly int _piece = Math.Max(1024, 2 * maxMatch);

    // Number of repeated searches in one text, to limit the time. After that, a match that is too long is cut at the maximum length.
    private const int MaxTrials = 256;

    // Escapes for letters: by their number, or by a Unicode class.
    private static readonly SearchValues<string> OtherLetters = SearchValues.Create(["\\u", "\\x", "\\p", "\\P"], StringComparison.Ordinal);

    private readonly Regex _regex = PatternCache.Get(pattern, ignoreCase);

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        var trials = 0;
        for (var at = 0; at < text.Length;)
        {
            // Includes one more character before the piece, because \b and ^ depend on it.
            var from = Math.Max(0, at - 1);
            var until = Math.Min(text.Length - from, _piece);
            var piece = text.Slice(from, Math.Min(text.Length - from, _piece + maxMatch + After));
            if (!Next(piece, at - from, out var match) || match.Index >= until)
            {
                at = from + until;
                continue;
            }

            var start = from + match.Index;
            if (match.Length > maxMatch && trials < MaxTrials)
            {
                trials++;
                if (!Next(piece[..Math.Min(piece.Length, match.Index + maxMatch)], match.Index, out var shorter) || shorter.Index > match.Index)
                {
                    at = start + 1;
                    continue;
                }

                match = shorter;
            }

            var length = Math.Min(match.Length, maxMatch);
            findings.Add(new Finding(start, length));
            at = start + length;
        }
    }

    /// <summary>Always the length of the longest possible match, because any text could be the start of a match.</summary>
    public override int Open(ReadOnlySpan<char> text) => Math.Min(text.Length, maxMatch + After);

    /// <summary>A pattern is not folded as texts are, so one with other letters than ASCII would miss them in the usual form.</summary>
    public override TextForms Also { get; } = TextForms.LettersAfterBackslash | (NamesOtherLetters(pattern) ? TextForms.Unfolded : TextForms.None);

    private static bool NamesOtherLetters(string pattern) => !Ascii.IsValid(pattern) || pattern.AsSpan().ContainsAny(OtherLetters);

    private bool Next(ReadOnlySpan<char> text, int from, out ValueMatch match)
    {
        foreach (var found in _regex.EnumerateMatches(text, from))
        {
            if (found.Length > 0)
            {
                match = found;
                return true;
            }
        }

        match = default;
        return false;
    }
}
