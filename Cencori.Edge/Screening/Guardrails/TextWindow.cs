namespace Cencori.Edge.Screening.Guardrails;

/// <summary>A part of a streamed text that guardrails check at once.</summary>
/// <param name="channel">The streamed text that the part belongs to. Null: the part is a complete text.</param>
/// <param name="text">The part, after some characters of context.</param>
/// <param name="context">Number of context characters before the part. The caller already has these characters, so they cannot be changed.</param>
internal sealed class TextWindow(GuardedChannel? channel, string text, int context)
{
    /// <summary>Number of characters that are collected before a check.</summary>
    public const int DefaultLength = 400;

    /// <summary>Number of context characters that are sent with a part.</summary>
    public const int Context = 100;

    private readonly List<TextEdit> _edits = [];

    public GuardedChannel? Channel => channel;

    /// <summary>The text sent to the guardrail.</summary>
    public string Text => text;

    /// <summary>The part as received.</summary>
    public string Before => text[context..];

    /// <summary>The part with all changes that guardrails requested.</summary>
    public string After => _edits.Count == 0 ? Before : TextEdit.Apply(Before, _edits);

    /// <summary>Finds where to cut a text that is long enough: in the second half of the text, after a sentence or else after a word.</summary>
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

    /// <returns>False when the change does not affect this part.</returns>
    public bool TryChange(TextEdit edit)
    {
        if (edit.Start < context)
        {
            if (edit.End <= context)
            {
                return false;
            }

            edit = edit.After(text, context);
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
