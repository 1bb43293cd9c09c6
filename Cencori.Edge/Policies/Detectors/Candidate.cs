namespace Cencori.Edge.Policies.Detectors;

/// <summary>A place of a text and what stands around it. It notes when it is asked for what has not come yet.</summary>
internal ref struct Candidate(ReadOnlySpan<char> text, int start)
{
    private readonly ReadOnlySpan<char> _text = text;

    public int Start { get; } = start;

    /// <summary>More text may decide otherwise.</summary>
    public bool HasRunOut { get; private set; }

    /// <summary>What stands before it.</summary>
    public readonly ReadOnlySpan<char> Before => _text[..Start];

    /// <summary>The character so many places after the first, before it where below 0; U+0000 beyond both ends.</summary>
    public char At(int offset)
    {
        var at = Start + offset;
        if (at >= _text.Length)
        {
            HasRunOut = true;
            return '\0';
        }

        return at < 0 ? '\0' : _text[at];
    }

    /// <summary>It begins neither within a word or a number, nor after a sign or a part that belongs to one. A comma is between two values of a list: what is looked for is written without one.</summary>
    public bool BeginsAlone()
    {
        var before = At(-1);
        return !IsOfWord(before) && before != '+' && !(before == '.' && char.IsAsciiDigit(At(-2))) && !(before == '-' && (char.IsAsciiLetterOrDigit(At(-2)) || At(-2) is '-'));
    }

    /// <summary>What is so long does not go on as a word, a number or with a dash.</summary>
    public bool EndsAlone(int length)
    {
        var next = At(length);
        return !IsOfWord(next) && !(next == '.' && char.IsAsciiDigit(At(length + 1))) && !(next == '-' && char.IsAsciiLetterOrDigit(At(length + 1)));
    }

    /// <summary>One of the words stands within the 48 characters before it.</summary>
    public readonly bool IsNear(ContextWords words)
    {
        const int Reach = 48;
        return words.StandIn(Before[Math.Max(0, Start - Reach)..]);
    }

    private static bool IsOfWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
