namespace Cencori.Edge.Policies.Detectors;

/// <summary>A place in a text where a finding may begin, with access to the characters around it. Notes whether a check needed characters that have not arrived yet.</summary>
internal ref struct Candidate(ReadOnlySpan<char> text, int start)
{
    private readonly ReadOnlySpan<char> _text = text;

    public int Start { get; } = start;

    /// <summary>True when more text may change the result.</summary>
    public bool NeedsMoreText { get; private set; }

    /// <summary>The text before the candidate.</summary>
    public readonly ReadOnlySpan<char> Before => _text[..Start];

    /// <summary>The character at an offset from the candidate's first one. Negative offsets lie before it. U+0000 outside of the text.</summary>
    public char At(int offset)
    {
        var at = Start + offset;
        if (at >= _text.Length)
        {
            NeedsMoreText = true;
            return '\0';
        }

        return at < 0 ? '\0' : _text[at];
    }

    /// <summary>True when the candidate does not begin inside a word or number, and no '+', '.' or '-' before it belongs to the same word or number. A comma
    /// before it is allowed: a comma separates list values, and no candidate contains a comma.</summary>
    public bool StartsAtBoundary()
    {
        var before = At(-1);
        return !IsOfWord(before) && before != '+' && !(before == '.' && char.IsAsciiDigit(At(-2))) && !(before == '-' && (char.IsAsciiLetterOrDigit(At(-2)) || At(-2) is '-'));
    }

    /// <summary>True when no word, number or hyphen continues a candidate of this length.</summary>
    public bool EndsAtBoundary(int length)
    {
        var next = At(length);
        return !IsOfWord(next) && !(next == '.' && char.IsAsciiDigit(At(length + 1))) && !(next == '-' && char.IsAsciiLetterOrDigit(At(length + 1)));
    }

    /// <summary>True when one of the words occurs within the 48 characters before the candidate.</summary>
    public readonly bool IsNear(ContextWords words)
    {
        const int Reach = 48;
        return words.AppearIn(Before[Math.Max(0, Start - Reach)..]);
    }

    private static bool IsOfWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
