using System.Buffers;
using System.Globalization;
using System.Text;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Finds an operator's words and phrases as whole words, or anywhere in scripts without spaces. With a threshold, the words are findings
/// only if at least that many different ones are near each other.</summary>
internal sealed class WordsDetector : Detector
{
    /// <summary>Distance in characters within which different words count toward the threshold.</summary>
    public const int Near = 400;

    private readonly int _threshold;
    private readonly WordTree _tree;
    private readonly SearchValues<string> _firstWords;
    private readonly SearchValues<char> _firstCharacters;
    private readonly HashSet<string> _joined = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="words">Words, and phrases with space between their words.</param>
    /// <param name="threshold">Number of different words needed for a finding.</param>
    /// <param name="fold">Folds a word like <see cref="ScannedText"/> folds texts.</param>
    public WordsDetector(IReadOnlyCollection<string> words, int threshold = 1, Func<string, string>? fold = null)
    {
        _threshold = threshold;
        fold ??= static word => word;
        var folded = words.Select(fold).ToList();
        _tree = WordTree.Of(words.Select(word => Cases(word).Select(fold).Distinct().SelectMany(Forms)));
        _joined.ExceptWith(folded);
        _firstWords = SearchValues.Create([.. _tree.Words], StringComparison.OrdinalIgnoreCase);
        _firstCharacters = SearchValues.Create([.. _tree.Words.SelectMany(word => (char[])[char.ToLowerInvariant(word[0]), char.ToUpperInvariant(word[0]), word[0]])]);
    }

    /// <summary>True when the words of a phrase were found without a space between them. Such a finding is a hit only if zero-width characters,
    /// which <see cref="ScannedText"/> removes, were between the words.</summary>
    public bool IsJoined(ReadOnlySpan<char> found) => _joined.Count > 0 && _joined.GetAlternateLookup<ReadOnlySpan<char>>().Contains(found);

    public override TextForms Also => TextForms.LettersAfterBackslash;

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        WordGroup? group = null;
        for (var at = 0; Next(text, at, out var found, out var phrase); at = found.End)
        {
            if (_threshold <= 1)
            {
                findings.Add(found);
            }
            else
            {
                (group ??= new WordGroup(_threshold)).Add(found, phrase, findings);
            }
        }
    }

    public override int Open(ReadOnlySpan<char> text)
    {
        var open = text.Length - BeginOfPhrase(text);
        if (_threshold <= 1)
        {
            return open;
        }

        // A word at most Near characters before the end may form a finding together with words that have not arrived yet.
        var from = Math.Max(0, text.Length - Near - _tree.Reach);
        return Next(text, from, out var first, out _) ? Math.Max(open, text.Length - first.Start) : open;
    }

    /// <summary>Number of different words after folding.</summary>
    public static int Different(IEnumerable<string> folded) => folded.Select(static word => string.Join(' ', WordTree.Split(Composition.Compose(word)))).Distinct(StringComparer.OrdinalIgnoreCase).Count();

    // Some capitals look like other Latin letters than their small letters do, so folding may give words that differ in more than their case.
    private static string[] Cases(string word) =>
        Ascii.IsValid(word) ? [word] : [word, word.ToUpperInvariant(), word.ToLowerInvariant(), CultureInfo.InvariantCulture.TextInfo.ToTitleCase(word.ToLowerInvariant())];

    // Texts contain accented letters in composed or decomposed form; both must match.
    private IEnumerable<string> Forms(string phrase)
    {
        yield return phrase;
        yield return Composition.Compose(phrase);
        yield return Composition.Decompose(phrase);
        var joined = string.Concat(WordTree.Split(phrase));
        if (_threshold <= 1 && WordTree.Split(phrase).Length > 1)
        {
            _joined.Add(joined);
            yield return joined;
        }
    }

    private bool Next(ReadOnlySpan<char> text, int from, out Finding found, out int phrase)
    {
        while (from < text.Length && text[from..].IndexOfAny(_firstWords) is >= 0 and var offset)
        {
            var start = from + offset;
            if (WordBoundary.At(text, start) && _tree.TryMatch(text, start, out var end, out phrase))
            {
                found = new Finding(start, end - start);
                return true;
            }

            from = start + 1;
        }

        (found, phrase) = (default, -1);
        return false;
    }

    private int BeginOfPhrase(ReadOnlySpan<char> text)
    {
        for (var from = Math.Max(0, text.Length - _tree.Reach); from < text.Length && text[from..].IndexOfAny(_firstCharacters) is >= 0 and var offset; from++)
        {
            from += offset;
            if (WordBoundary.At(text, from) && _tree.IsOpen(text, from))
            {
                return from;
            }
        }

        return text.Length;
    }
}
