using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Phrases by their words. Case makes no difference, and neither does how much white space stands between two words, or whether they are tied by - or _.</summary>
internal sealed class WordTree
{
    /// <summary>Most characters of white space between two words.</summary>
    public const int MaxSpace = 16;

    private static readonly SearchValues<char> Space = SearchValues.Create(" \t\r\n\v\f\u00A0\u2028\u2029\u3000-_");

    private readonly Dictionary<string, WordTree> _next = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, WordTree>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    // Of words that end a phrase, the longest first.
    private int[] _lengths = [];
    private string[] _sorted = [];
    private int _longest;

    private WordTree() => _lookup = _next.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Which phrase ends here, -1: none.</summary>
    public int Phrase { get; private set; } = -1;

    /// <summary>Words that phrases begin with.</summary>
    public IReadOnlyCollection<string> Words => _next.Keys;

    /// <summary>The longest text that is one of the phrases.</summary>
    public int Reach { get; private set; }

    /// <param name="phrases">Each in all of its forms.</param>
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

    /// <summary>The words of a phrase.</summary>
    public static string[] Split(string phrase) => phrase.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The longest phrase that stands at this place.</summary>
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

    /// <summary>True where a phrase might stand at this place if the text went on, or might end there if it did not.</summary>
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

    /// <summary>Past a word and the space behind it, which is looked for from a place on, as a sign that ties words may stand in one, too.</summary>
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
