using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Base of detectors whose findings begin with a known prefix. Searches only long runs of key characters: runs in ordinary words are too short.</summary>
internal abstract class HeadedDetector : Detector
{
    private readonly SearchValues<string> _heads;
    private readonly SearchValues<char> _characters;
    private readonly int _longestHead;
    private readonly int _shortest;
    private readonly bool _isOne;

    // Prefixes grouped by first character.
    private readonly string[]?[] _byFirst = new string[]?[128];

    /// <param name="heads">The prefixes: ASCII, not empty.</param>
    /// <param name="characters">All characters that a finding may contain, prefixes included.</param>
    /// <param name="shortest">Length of the shortest finding; at least <see cref="LongRuns.Min"/>.</param>
    protected HeadedDetector(IReadOnlyList<string> heads, SearchValues<char> characters, int shortest)
    {
        _shortest = shortest;
        _isOne = heads.Count == 1;
        _heads = SearchValues.Create([.. heads], StringComparison.Ordinal);
        _characters = characters;
        _longestHead = heads.Max(head => head.Length);
        foreach (var same in heads.GroupBy(head => head[0]))
        {
            _byFirst[same.Key] = [.. same];
        }
    }

    public sealed override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        if (_isOne)
        {
            // With only one prefix, searching the whole text for it is faster than finding long runs of key characters first.
            FindIn(text, 0, text.Length, findings);
            return;
        }

        var done = 0;
        for (var run = LongRuns.Next(text, 0, _shortest, _characters, out var end); run >= 0; run = LongRuns.Next(text, end, _shortest, _characters, out end))
        {
            done = FindIn(text, Math.Max(done, Begin(text, run)), end, findings);
        }
    }

    public sealed override int Open(ReadOnlySpan<char> text)
    {
        var done = Changeable(text);
        var open = text.Length;
        for (var at = Next(text, done, text.Length); at < text.Length;)
        {
            var candidate = Check(text, at);
            if (candidate.IsOpen)
            {
                open = candidate.Start;
                break;
            }

            var after = After(candidate, at);
            done = candidate.Length > 0 ? after : done;
            at = Next(text, after, text.Length);
        }

        return text.Length - Math.Min(open, BeginOfHead(text, Math.Max(done, text.Length - _longestHead + 1)));
    }

    /// <summary>Checks the prefix at <paramref name="at"/>, and returns its finding if there is one.</summary>
    protected abstract Candidate Check(ReadOnlySpan<char> text, int at);

    /// <summary>The first position at which a finding can begin that more text could still change.</summary>
    protected virtual int Changeable(ReadOnlySpan<char> text) => text.LastIndexOfAnyExcept(_characters) + 1;

    /// <summary>The position from which the search for prefixes starts, for the run that starts at <paramref name="run"/>. A prefix may be before its
    /// run.</summary>
    protected virtual int Begin(ReadOnlySpan<char> text, int run) => run;

    private static int After(Candidate candidate, int at) => candidate.Length > 0 ? candidate.Start + candidate.Length : at + 1;

    private int FindIn(ReadOnlySpan<char> text, int from, int end, List<Finding> findings)
    {
        for (var at = Next(text, from, end); at < end; at = Next(text, from, end))
        {
            var candidate = Check(text, at);
            if (candidate.Length > 0)
            {
                findings.Add(new Finding(candidate.Start, candidate.Length));
            }

            from = After(candidate, at);
        }

        return from;
    }

    private int Next(ReadOnlySpan<char> text, int from, int end)
    {
        var found = from < end ? text[from..end].IndexOfAny(_heads) : -1;
        return found < 0 ? end : from + found;
    }

    private int BeginOfHead(ReadOnlySpan<char> text, int from)
    {
        for (var at = from; at < text.Length; at++)
        {
            if (text[at] >= _byFirst.Length || _byFirst[text[at]] is not { } heads)
            {
                continue;
            }

            foreach (var head in heads)
            {
                if (head.Length > text.Length - at && head.AsSpan().StartsWith(text[at..], StringComparison.Ordinal))
                {
                    return at;
                }
            }
        }

        return text.Length;
    }

    /// <param name="Start">Start of the finding, or of a possible one.</param>
    /// <param name="Length">Length of the finding. 0: there is no finding at this start.</param>
    /// <param name="IsOpen">True when more text may change the result.</param>
    protected readonly record struct Candidate(int Start, int Length, bool IsOpen);
}
