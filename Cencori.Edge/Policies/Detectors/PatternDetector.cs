using System.Text.RegularExpressions;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>An operator's own pattern. Matches are 1 to <c>maxMatch</c> characters long. A longer match is searched again within that length.</summary>
/// <exception cref="ArgumentException">The pattern is not valid; see <see cref="PatternChecks.Problem"/>.</exception>
internal sealed class PatternDetector(string pattern, bool ignoreCase, int maxMatch) : Detector
{
    // The end of a match can depend on two characters after it: "$" also matches before a final line end.
    private const int After = 2;

    // Each match that is too long may cause the whole piece to be read again.
    private readonly int _piece = Math.Max(1024, 2 * maxMatch);

    // Limits the time for texts with many matches that are too long. Beyond this, such a match is reported at its allowed length.
    private const int MaxTrials = 256;

    private readonly Regex _regex = PatternCache.Get(pattern, ignoreCase);

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        var trials = 0;
        for (var at = 0; at < text.Length;)
        {
            // One more character before the piece, for \b and ^.
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

    /// <summary>Always the longest possible match: any text could still become one.</summary>
    public override int Open(ReadOnlySpan<char> text) => Math.Min(text.Length, maxMatch + After);

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
