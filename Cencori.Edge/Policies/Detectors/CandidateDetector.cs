using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>A detector of what begins at a character that can be searched for, not within a word, and is decided by what follows within some tens of characters.</summary>
/// <param name="mostOpen">No candidate looks at more characters from its first on.</param>
internal abstract class CandidateDetector(int mostOpen) : Detector
{
    protected static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        for (var at = 0; at < text.Length;)
        {
            var start = Next(text, at);
            if (start < 0)
            {
                return;
            }

            var candidate = new Candidate(text, start);
            var length = Match(ref candidate);
            if (length > 0)
            {
                findings.Add(new Finding(start, length));
            }

            at = start + Math.Max(length, 1);
        }
    }

    public override int Open(ReadOnlySpan<char> text)
    {
        var tail = Math.Max(0, text.Length - mostOpen);
        for (var start = tail; start < text.Length; start++)
        {
            // Nothing begins within a word, but for digits behind its letters.
            if (!CanBegin(text[start]) || (start > 0 && (char.IsAsciiDigit(text[start]) ? char.IsAsciiDigit(text[start - 1]) : char.IsAsciiLetter(text[start]) && char.IsAsciiLetterOrDigit(text[start - 1]))))
            {
                continue;
            }

            var candidate = new Candidate(text, start);
            Match(ref candidate);
            if (candidate.HasRunOut)
            {
                return text.Length - start;
            }
        }

        return 0;
    }

    /// <summary>Where the next candidate begins, from <paramref name="from"/> on; below 0 where there is none.</summary>
    protected abstract int Next(ReadOnlySpan<char> text, int from);

    /// <summary>Whether a candidate that is not finished may begin with it.</summary>
    protected abstract bool CanBegin(char first);

    /// <summary>How long the finding is that begins here; 0: none does.</summary>
    protected abstract int Match(ref Candidate candidate);

    /// <summary>The next digit that is not in the middle of a number.</summary>
    protected static int NextNumber(ReadOnlySpan<char> text, int from)
    {
        if (from > 0 && char.IsAsciiDigit(text[from - 1]))
        {
            var rest = text[from..].IndexOfAnyExcept(Digits);
            if (rest < 0)
            {
                return -1;
            }

            from += rest;
        }

        var next = text[from..].IndexOfAny(Digits);
        return next < 0 ? -1 : from + next;
    }
}
