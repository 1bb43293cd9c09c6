using System.Text.RegularExpressions;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>An operator's own pattern. A match is at most <c>maxMatch</c> characters long, and none is empty; where it would be longer, as much of the text is looked at as it may be long.</summary>
/// <exception cref="ArgumentException"><see cref="PatternChecks.Problem"/> has told why.</exception>
internal sealed class PatternDetector(string pattern, bool ignoreCase, int maxMatch) : Detector
{
    // What ends a match can depend on two characters after it: "$" is true before a last line end.
    private const int After = 2;

    // All of a piece may be read for each match in it that would be too long.
    private readonly int _piece = Math.Max(1024, 2 * maxMatch);

    // Texts that are made to have many too long matches cost time; from here on each of them is found as far as it may be long.
    private const int MaxTrials = 256;

    private readonly Regex _regex = PatternCache.Get(pattern, ignoreCase);

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        var trials = 0;
        for (var at = 0; at < text.Length;)
        {
            // One character before, for what looks back as far: \b, ^.
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

    /// <summary>Always as long as a match may be: nobody can tell what could still become one.</summary>
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
