namespace Cencori.Edge.Screening.Guardrails;

/// <summary>A part of a text of a stream, about which guardrails are asked at a time.</summary>
/// <param name="channel">Whose part it is. Null: it is a whole text.</param>
/// <param name="text">With what stands before it.</param>
/// <param name="context">Characters before it, which the caller has: they are there to judge by.</param>
internal sealed class TextWindow(GuardedChannel? channel, string text, int context)
{
    /// <summary>Characters of a text that are waited for.</summary>
    public const int Usual = 400;

    /// <summary>Characters before a part that are told with it.</summary>
    public const int Context = 100;

    private readonly List<TextEdit> _edits = [];

    public GuardedChannel? Channel => channel;

    /// <summary>What is asked about.</summary>
    public string Text => text;

    /// <summary>As it came.</summary>
    public string Before => text[context..];

    /// <summary>As the caller may have it.</summary>
    public string After => _edits.Count == 0 ? Before : TextEdit.Apply(Before, _edits);

    /// <summary>Where a text is cut that is long enough: behind a sentence, or else a word, of its latter half.</summary>
    public static int CutOf(ReadOnlySpan<char> text)
    {
        var word = 0;
        for (var i = text.Length - 1; i >= text.Length / 2; i--)
        {
            if (text[i] is '\n' or '。' or '！' or '？' || (text[i] is '.' or '!' or '?' && i + 1 < text.Length && char.IsWhiteSpace(text[i + 1])))
            {
                return i + 1;
            }

            word = word == 0 && char.IsWhiteSpace(text[i]) ? i + 1 : word;
        }

        return word > 0 ? word : text.Length - (char.IsHighSurrogate(text[^1]) ? 1 : 0);
    }

    /// <returns>False: it changes nothing of this part.</returns>
    public bool TryChange(TextEdit edit)
    {
        if (edit.Start < context)
        {
            if (edit.End <= context)
            {
                return false;
            }

            edit = edit.Behind(text, context);
        }
        else
        {
            edit = edit with { Start = edit.Start - context };
        }

        if (edit.With == Before.AsSpan(edit.Start, edit.Length))
        {
            return false;
        }

        _edits.Add(edit);
        return true;
    }
}
