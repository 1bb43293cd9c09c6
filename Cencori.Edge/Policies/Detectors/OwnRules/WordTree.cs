using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>A tree of phrases with one word per edge. Ignores letter case, the amount of white space between words, and whether words are joined by - or _.</summary>
internal sealed class WordTree
{
    /// <summary>Maximum amount of white space between two words, in characters.</summary>
    public const int MaxSpace = 16;

    private static readonly SearchValues<char> Space = SearchValues.Create(" \t\r\n\v\f\u00A0\u2028\u2029\u3000-_");

    private readonly Dictionary<string, WordTree> _next = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, WordTree>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    // Lengths of the words after this node that complete a phrase, the longest first.
    private int[] _lengths = [];
    private string[] _sorted = [];
    private int _longest;

    private WordTree() => _lookup = _next.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Number of the phrase that ends at this node. -1: none.</summary>
    public int Phrase { get; private set; } = -1;

    /// <summary>The words that can follow this node. At the root, the first words of all phrases.</summary>
    public IReadOnlyCollection<string> Words => _next.Keys;

    /// <summary>Length, in characters, of the longest text that can match a phrase.</summary>
    public int Reach { get; private set; }

    /// <param name="phrases">For each phrase, all of its spellings.</param>
    public static WordTree Of(IEnumerable<IEnumerable<string>> phrases)
    {
        var root = new WordTree();
        var count = 0;
        foreach (var forms in phrases)
        {
            var id = -1;
            foreach (var form in forms)
            {
                var node = root.Add(form);
                if (node != root && node.Phrase < 0)
                {
                    id = id < 0 ? count++ : id;
                    node.Phrase = id;
                }

                id = id < 0 ? node.Phrase : id;
            }
        }

        root.Close();
        return root;
    }

    /// <summary>Splits a phrase into words.</summary>
    public static string[] Split(string phrase) => phrase.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Finds the longest phrase at this place.</summary>
    public bool TryMatch(ReadOnlySpan<char> text, int at, out int end, out int phrase)
    {
        for (var from = at; Next(text, at, ref from) is var (child, next);)
        {
            if (next < text.Length && child.TryMatch(text, next, out end, out phrase))
            {
                return true;
            }
        }

        foreach (var length in _lengths)
        {
            end = at + length;
            if (end <= text.Length && WordBoundary.At(text, end) && _lookup.TryGetValue(text.Slice(at, length), out var word) && word.Phrase >= 0)
            {
                phrase = word.Phrase;
                return true;
            }
        }

        (end, phrase) = (at, -1);
        return false;
    }

    /// <summary>True when more text could still complete a phrase at the position <paramref name="at"/>, or move the end of a phrase.</summary>
    public bool IsOpen(ReadOnlySpan<char> text, int at)
    {
        if (at == text.Length)
        {
            return true;
        }

        for (var from = at; Next(text, at, ref from) is var (child, next);)
        {
            if (child.IsOpen(text, next))
            {
                return true;
            }
        }

        return text.Length - at <= _longest && IsBegun(text[at..]);
    }

    /// <summary>Moves past one word and the space after it. Searches the end of the word from <paramref name="from"/> on, because - and _
    /// may either join two words or be part of one.</summary>
    private (WordTree Child, int Next)? Next(ReadOnlySpan<char> text, int at, ref int from)
    {
        while (from <= at + _longest && from < text.Length && text[from..Math.Min(text.Length, at + _longest + 1)].IndexOfAny(Space) is >= 0 and var offset)
        {
            var end = from + offset;
            from = end + 1;
            if (_lookup.TryGetValue(text[at..end], out var child) && child._next.Count > 0)
            {
                var space = text[end..Math.Min(text.Length, end + MaxSpace + 1)].IndexOfAnyExcept(Space);
                space = space < 0 ? text.Length - end : space;
                if (space <= MaxSpace)
                {
                    return (child, end + space);
                }
            }
        }

        return null;
    }

    private WordTree Add(string phrase)
    {
        var (node, reach) = (this, 0);
        foreach (var word in Split(phrase))
        {
            node._next.TryAdd(word, new WordTree());
            node = node._next[word];
            reach += word.Length + MaxSpace;
        }

        Reach = Math.Max(Reach, reach - MaxSpace);
        return node;
    }

    private bool IsBegun(ReadOnlySpan<char> text)
    {
        var (low, high) = (0, _sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _sorted[middle].AsSpan().CompareTo(text, StringComparison.OrdinalIgnoreCase) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low < _sorted.Length && _sorted[low].AsSpan().StartsWith(text, StringComparison.OrdinalIgnoreCase);
    }

    private void Close()
    {
        _sorted = [.. _next.Keys.Order(StringComparer.OrdinalIgnoreCase)];
        _lengths = [.. _next.Where(pair => pair.Value.Phrase >= 0).Select(pair => pair.Key.Length).Distinct().OrderDescending()];
        _longest = _sorted.Length == 0 ? 0 : _sorted.Max(word => word.Length);
        foreach (var child in _next.Values)
        {
            child.Close();
        }
    }
}
