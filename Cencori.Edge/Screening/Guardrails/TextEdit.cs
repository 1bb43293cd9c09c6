namespace Cencori.Edge.Screening.Guardrails;

/// <summary>A change of a text that a guardrail asks for.</summary>
/// <param name="Start">In characters.</param>
/// <param name="Length">Likewise.</param>
/// <param name="With">What stands there instead.</param>
/// <param name="IsMask">Nothing of the text is left in it.</param>
internal readonly record struct TextEdit(int Start, int Length, string With, bool IsMask)
{
    private const string Redacted = "[REDACTED]";

    private int End => Start + Length;

    /// <summary>From one text to another: from the first character that differs to the last.</summary>
    public static TextEdit Between(string before, string after)
    {
        var start = before.AsSpan().CommonPrefixLength(after);
        var most = Math.Min(before.Length, after.Length) - start;
        var end = 0;
        while (end < most && before[^(end + 1)] == after[^(end + 1)])
        {
            end++;
        }

        return new(start, before.Length - start - end, after[start..^end], IsMask: false);
    }

    /// <summary>The text with all of them. Where those of several overlap, nothing of the text is left: what one has kept, the other may have taken out.</summary>
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
}
