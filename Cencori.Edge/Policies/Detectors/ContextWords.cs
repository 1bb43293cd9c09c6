using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Words that show which kind of number follows them.</summary>
/// <param name="words">In lower case.</param>
internal sealed class ContextWords(params string[] words)
{
    private readonly SearchValues<string> _any = SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);

    public string First => words[0];

    /// <summary>True when the text contains one of the words, in any letter case, and not inside a longer word.</summary>
    public bool AppearIn(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAny(_any) < 0)
        {
            return false;
        }

        foreach (var word in words)
        {
            for (var from = 0; text[from..].IndexOf(word, StringComparison.OrdinalIgnoreCase) is var found and >= 0; from += found + 1)
            {
                var (begin, end) = (from + found, from + found + word.Length);
                if ((begin == 0 || !char.IsAsciiLetter(text[begin - 1])) && (end == text.Length || !char.IsAsciiLetter(text[end])))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
