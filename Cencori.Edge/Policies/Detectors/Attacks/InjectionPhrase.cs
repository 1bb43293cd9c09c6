namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <summary>What an injection tries to achieve. Each category is added to the score once, with the weight of its strongest phrase.</summary>
internal enum InjectionCategory
{
    Override,
    Extraction,
    Persona,
    Mode,
    Authority,

    /// <summary>Markers of a chat template or of its roles inside user text.</summary>
    Template,
}

/// <summary>A phrase of an injection: words that follow each other within a sentence, with a few other words between them.</summary>
internal sealed class InjectionPhrase
{
    private readonly (int Gap, string[] Words)[] _rest;

    /// <param name="category">What the phrase tries to achieve.</param>
    /// <param name="weight">The score of a text in which only this phrase occurs.</param>
    /// <param name="words">Groups of alternative words, in order: <c>forget|ignore ~3 rule*</c>. <c>~3</c>: at most three
    /// other words before the next group. <c>*</c>: any ending of the word.</param>
    public InjectionPhrase(InjectionCategory category, double weight, string words)
    {
        (Category, Weight) = (category, weight);
        var groups = new List<(int, string[])>();
        var gap = 0;
        foreach (var part in words.Split(' '))
        {
            if (part[0] == '~')
            {
                gap = part[1] - '0';
                continue;
            }

            groups.Add((gap, part.Split('|')));
            gap = 0;
        }

        First = groups[0].Item2;
        _rest = [.. groups.Skip(1)];
    }

    public InjectionCategory Category { get; }

    public double Weight { get; }

    public string[] First { get; }

    /// <summary>True when the rest of the phrase follows its first word. Also returns the end of the phrase.</summary>
    public bool Follows(ReadOnlySpan<char> text, int from, out int end)
    {
        end = from;
        foreach (var (gap, words) in _rest)
        {
            var found = false;
            for (var left = gap; left >= 0 && !found && TextWords.Next(text, end, out var word) && !TextWords.EndsSentence(text[end..word.Start]); left--)
            {
                end = word.End;
                found = IsOneOf(text.Slice(word.Start, word.Length), words);
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOneOf(ReadOnlySpan<char> word, string[] words)
    {
        foreach (var one in words)
        {
            if (one[^1] == '*' ? word.StartsWith(one.AsSpan(0, one.Length - 1), StringComparison.OrdinalIgnoreCase) : word.Equals(one, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
