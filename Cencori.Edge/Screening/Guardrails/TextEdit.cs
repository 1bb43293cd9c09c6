namespace Cencori.Edge.Screening.Guardrails;

/// <summary>A change of a text that a guardrail requests: a range and its replacement.</summary>
/// <param name="Start">Start in characters.</param>
/// <param name="Length">Length in characters.</param>
/// <param name="With">The replacement.</param>
/// <param name="IsMask">True when the replacement contains nothing of the original text.</param>
internal readonly record struct TextEdit(int Start, int Length, string With, bool IsMask)
{
    private const string Redacted = "[REDACTED]";

    // After compares words of the old text with words of the new text. If the product of both text lengths is above this limit, After redacts the second
    // part instead.
    private const int MaxCompared = 4_000_000;

    public int End => Start + Length;

    /// <summary>The change that turns one text into the other: from the first different character to the last.</summary>
    public static TextEdit Between(string before, string after)
    {
        var start = before.AsSpan().CommonPrefixLength(after);
        var max = Math.Min(before.Length, after.Length) - start;
        var end = 0;
        while (end < max && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }

        return new(start, before.Length - start - end, after[start..^end], IsMask: false);
    }

    /// <summary>Splits the change at a place inside its range, and returns the second part. Used when text before the place can no longer be changed.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="at">The place. Offsets of the returned change are relative to the place.</param>
    public TextEdit After(string text, int at)
    {
        var old = text.AsSpan(Start, Length);
        if (IsMask || (long)old.Length * With.Length > MaxCompared)
        {
            return new(0, End - at, IsMask ? With : Redacted, IsMask);
        }

        // Splits the replacement so that its two parts share as many words as possible with the text before and after the place.
        var words = WordsOf(With);
        var (before, behind) = (InCommon(old[..(at - Start)], words, isReversed: false), InCommon(old[(at - Start)..], words, isReversed: true));
        var (best, start) = (0, 0);
        for (var (i, end) = (1, 0); i <= words.Count; i++)
        {
            end += words[i - 1].Length;
            (best, start) = before[i] + behind[words.Count - i] > before[best] + behind[words.Count - best] ? (i, end) : (best, start);
        }

        return new(0, End - at, With[start..], IsMask: false);
    }

    /// <summary>Applies all changes. Where changes overlap, the whole range is redacted: text that one change keeps may be text that another one
    /// removes.</summary>
    public static string Apply(string text, List<TextEdit> edits)
    {
        edits.Sort(static (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Length.CompareTo(a.Length));
        var result = new System.Text.StringBuilder(text.Length);
        var at = 0;
        for (var i = 0; i < edits.Count;)
        {
            var (best, end, isOne, areMasks) = (edits[i], edits[i].End, true, edits[i].IsMask);
            var start = best.Start;
            for (i++; i < edits.Count && (edits[i].Start < end || edits[i].Start == start); i++)
            {
                isOne &= edits[i] == best;
                areMasks &= edits[i].IsMask;
                end = Math.Max(end, edits[i].End);
                best = edits[i].Length > best.Length ? edits[i] : best;
            }

            result.Append(text, at, start - at).Append(isOne || areMasks ? best.With : Redacted);
            at = end;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    // For each prefix (or suffix) of the second text, in whole words: how many characters it has in common with the first.
    private static int[] InCommon(ReadOnlySpan<char> one, List<string> other, bool isReversed)
    {
        var words = WordsOf(one);
        var (last, next) = (new int[other.Count + 1], new int[other.Count + 1]);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[isReversed ? words.Count - 1 - i : i];
            for (var j = 0; j < other.Count; j++)
            {
                next[j + 1] = word == other[isReversed ? other.Count - 1 - j : j] ? last[j] + word.Length : Math.Max(last[j + 1], next[j]);
            }

            (last, next) = (next, last);
        }

        return last;
    }

    private static List<string> WordsOf(ReadOnlySpan<char> text)
    {
        var words = new List<string>();
        while (!text.IsEmpty)
        {
            var length = 1;
            if (IsInWord(text[0]))
            {
                while (length < text.Length && IsInWord(text[length]))
                {
                    length++;
                }
            }
            else if (text.Length > 1 && char.IsSurrogatePair(text[0], text[1]))
            {
                length = 2;
            }

            words.Add(text[..length].ToString());
            text = text[length..];
        }

        return words;
    }

    // Characters from U+2E80 on belong to scripts without spaces between words.
    private static bool IsInWord(char character) => character < '\u2E80' && char.IsLetterOrDigit(character);
}
