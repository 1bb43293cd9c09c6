using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Base of detectors that search for a first character and then check the few dozen characters after it. No finding starts inside a word.</summary>
/// <param name="mostOpen">Maximum number of characters that a check reads, counted from the candidate's first.</param>
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
            // A candidate does not begin inside a word, except at digits after letters.
            if (!CanBegin(text[start]) || (start > 0 && (char.IsAsciiDigit(text[start]) ? char.IsAsciiDigit(text[start - 1]) : char.IsAsciiLetter(text[start]) && char.IsAsciiLetterOrDigit(text[start - 1]))))
            {
                continue;
            }

            var candidate = new Candidate(text, start);
            Match(ref candidate);
            if (candidate.NeedsMoreText)
            {
                return text.Length - start;
            }
        }

        return 0;
    }

    /// <summary>Start of the next candidate at or after <paramref name="from"/>. Negative when there is none.</summary>
    protected abstract int Next(ReadOnlySpan<char> text, int from);

    /// <summary>True when an incomplete candidate may begin with this character.</summary>
    protected abstract bool CanBegin(char first);

    /// <summary>Length of the finding that begins at the candidate. 0: the candidate is not a finding.</summary>
    protected abstract int Match(ref Candidate candidate);

    /// <summary>Position of the next digit that starts a number. Negative when there is none.</summary>
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
