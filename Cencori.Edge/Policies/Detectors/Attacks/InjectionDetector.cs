using System.Buffers;
using System.Text;

namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>Scores prompt injection: text that tries to override the instructions of a model. The score is only a signal, because determined authors can evade it.</summary>
/// <remarks>The score is for the whole text, so pieces of a text cannot be scanned separately: nothing is final until the text ends.</remarks>
internal sealed class InjectionDetector(double minScore = InjectionDetector.DefaultMinScore) : Detector
{
    public const double DefaultMinScore = 0.7;

    private const int Categories = (int)InjectionCategory.Template + 1;

    // A phrase is found only if it begins at most this many characters before or after a stem (see InjectionPhrases.Stems).
    private const int MaxDistanceBefore = 160;
    private const int MaxDistanceAfter = 100;

    // Number of phrase beginnings after which the scan stops. A text with more phrase beginnings counts as an injection.
    private const int MaxBeginnings = 4_096;

    // For non-ASCII stems a case-sensitive search is much faster. Within sentences, these words occur in lower case.
    private static readonly SearchValues<string>[] Stems = [.. InjectionPhrases.Stems.Select(group => SearchValues.Create(group, Ascii.IsValid(group[0]) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal))];
    private static readonly SearchValues<string> Marks = SearchValues.Create(InjectionPhrases.Marks, StringComparison.OrdinalIgnoreCase);
    private static readonly Dictionary<string, InjectionPhrase[]>.AlternateLookup<ReadOnlySpan<char>> ByFirst = Index();
    private static readonly string[] Denials = ["not", "don't", "dont", "never", "cannot", "nicht", "non", "não", "nie", "не"];
    private static readonly string[] Roles = ["system", "assistant", "developer", "user", "human", "### system", "### instruction", "### instructions"];

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings) => Find(text, InjectionSigns.None, findings);

    /// <summary>Finds injections in a text, with signs from the source of the text. If only those signs raise the score, the whole text is the finding.</summary>
    public void Find(ReadOnlySpan<char> text, InjectionSigns signs, List<Finding> findings)
    {
        var score = Score(text, signs);
        if (score.Value >= minScore)
        {
            findings.Add(score.Strongest.Length > 0 ? score.Strongest : new(0, text.Length));
        }
    }

    public override int Open(ReadOnlySpan<char> text) => text.Length;

    public static InjectionScore Score(ReadOnlySpan<char> text, InjectionSigns signs)
    {
        var scores = new Scores(stackalloc double[Categories]);
        ReadMarks(text, ref scores);
        if (signs.HasFlag(InjectionSigns.ToolResult))
        {
            ReadRoles(text, ref scores);
        }

        foreach (var stems in Stems)
        {
            ReadPhrases(text, stems, ref scores);
        }

        return scores.Sum(signs);
    }

    private static void ReadMarks(ReadOnlySpan<char> text, ref Scores scores)
    {
        if (text.IndexOfAny(Marks) is >= 0 and var at)
        {
            var end = text[(at + 1)..].IndexOfAny('>', ']');
            scores.Add(text, InjectionCategory.Template, 0.7, new Finding(at, end < 0 ? 1 : end + 2));
        }
    }

    private static void ReadRoles(ReadOnlySpan<char> text, ref Scores scores)
    {
        for (var from = 0; text[from..].IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var gap;)
        {
            from += gap + 2;
            var line = text[from..];
            foreach (var role in Roles)
            {
                if (line.StartsWith(role, StringComparison.OrdinalIgnoreCase) && line[role.Length..].StartsWith(":"))
                {
                    scores.Add(text, InjectionCategory.Template, 0.7, new Finding(from, role.Length + 1));
                    return;
                }
            }
        }
    }

    private static void ReadPhrases(ReadOnlySpan<char> text, SearchValues<string> stems, ref Scores scores)
    {
        var beginnings = 0;
        for (var done = 0; done < text.Length && text[done..].IndexOfAny(stems) is >= 0 and var stem;)
        {
            stem += done;
            var at = Math.Max(done, stem - MaxDistanceBefore);
            var end = Math.Min(text.Length, stem + MaxDistanceAfter);
            while (at > done && char.IsLetterOrDigit(text[at]))
            {
                at--;
            }

            var last = default(Finding);
            for (; at < end && TextWords.Next(text, at, out var word); at = word.End)
            {
                if (ByFirst.TryGetValue(text.Slice(word.Start, word.Length), out var phrases) && !IsDenied(text.Slice(last.Start, last.Length)))
                {
                    if (++beginnings > MaxBeginnings)
                    {
                        scores.Add(text, InjectionCategory.Override, 0.7, word);
                        return;
                    }

                    ReadPhrases(text, word, phrases, ref scores);
                }

                last = word;
            }

            done = Math.Max(stem + 1, at);
        }
    }

    private static void ReadPhrases(ReadOnlySpan<char> text, Finding word, InjectionPhrase[] phrases, ref Scores scores)
    {
        foreach (var phrase in phrases)
        {
            if (phrase.Weight > scores.Of(phrase.Category) && phrase.Follows(text, word.End, out var end))
            {
                scores.Add(text, phrase.Category, phrase.Weight, new Finding(word.Start, end - word.Start));
            }
        }
    }

    private static bool IsDenied(ReadOnlySpan<char> before)
    {
        foreach (var denial in Denials)
        {
            if (before.Equals(denial, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static Dictionary<string, InjectionPhrase[]>.AlternateLookup<ReadOnlySpan<char>> Index() => InjectionPhrases.All
        .SelectMany(phrase => phrase.First, (phrase, first) => (phrase, first))
        .GroupBy(pair => pair.first, pair => pair.phrase, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(same => same.Key, same => same.OrderByDescending(phrase => phrase.Weight).ToArray(), StringComparer.OrdinalIgnoreCase)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private ref struct Scores(Span<double> weights)
    {
        private readonly Span<double> _weights = weights;
        private Finding _strongest;
        private int _counted;
        private int _fences;

        public readonly double Of(InjectionCategory category) => _weights[(int)category];

        /// <summary>Adds a phrase to the score. The weight of a phrase that is quoted or inside code is halved.</summary>
        public void Add(ReadOnlySpan<char> text, InjectionCategory category, double weight, Finding where)
        {
            weight = IsInCode(text, where.Start) || TextWords.IsQuoted(text, where) ? weight / 2 : weight;
            if (weight > Strongest())
            {
                _strongest = where;
            }

            _weights[(int)category] = Math.Max(_weights[(int)category], weight);
        }

        /// <summary>Combines the weights of all categories and signs like independent probabilities.</summary>
        public readonly InjectionScore Sum(InjectionSigns signs)
        {
            var harmless = (signs.HasFlag(InjectionSigns.TagCharacters) ? 0.1 : 1) * (signs.HasFlag(InjectionSigns.BidiOverride) ? 0.5 : 1) * (signs.HasFlag(InjectionSigns.ZeroWidthInWords) ? 0.7 : 1);
            foreach (var weight in _weights)
            {
                harmless *= 1 - weight;
            }

            return new InjectionScore(Math.Round(1 - harmless, 3), _strongest);
        }

        private bool IsInCode(ReadOnlySpan<char> text, int at)
        {
            // Counts only the code fences (```) after the last phrase, and adds them to the earlier count: phrases mostly arrive in text order.
            (_counted, _fences) = at < _counted ? (0, 0) : (_counted, _fences);
            _fences += text[_counted..at].Count("```");
            _counted = at;
            return _fences % 2 == 1;
        }

        private readonly double Strongest()
        {
            var max = 0.0;
            foreach (var weight in _weights)
            {
                max = Math.Max(max, weight);
            }

            return max;
        }
    }
}
