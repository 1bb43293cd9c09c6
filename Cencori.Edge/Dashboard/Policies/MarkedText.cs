using System.Text;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>A piece of a tested text.</summary>
/// <param name="Text">The text.</param>
/// <param name="Action">The action for the finding in this piece. Null: the piece is not part of a finding.</param>
public sealed record MarkedPiece(string Text, PolicyAction? Action);

/// <summary>Splits a text at its findings.</summary>
internal static class MarkedText
{
    // Maximum marked findings; further findings are not marked.
    private const int MaxMarks = 500;

    /// <summary>Splits the tested text. Overlapping findings become one piece with the strictest action.</summary>
    /// <param name="text">The tested text.</param>
    /// <param name="hits">The findings in the order of their position, which is in characters.</param>
    public static List<MarkedPiece> MarkInput(string text, IEnumerable<PolicyHitView> hits)
    {
        var pieces = new List<MarkedPiece>();
        var at = 0;
        foreach (var (start, end, action) in MergeOverlapping(hits).Take(MaxMarks))
        {
            Add(pieces, text[at..start], null);
            Add(pieces, text[start..end], action);
            at = end;
        }

        Add(pieces, text[at..], null);
        return pieces;
    }

    /// <summary>Splits the text that would be sent. Outside of replacements, this text equals the tested text, so the findings' positions give those of the replacements.</summary>
    /// <param name="text">The tested text.</param>
    /// <param name="hits">The findings in the order of their position in the tested text, which is in characters.</param>
    /// <param name="sent">The text that would be sent.</param>
    public static List<MarkedPiece> MarkSent(string text, IEnumerable<PolicyHitView> hits, string sent)
    {
        var pieces = new List<MarkedPiece>();
        var (at, from) = (0, 0);
        foreach (var (start, end, action) in MergeOverlapping(hits.Where(static hit => hit.Action is PolicyAction.Mask or PolicyAction.Tokenize)).Take(MaxMarks))
        {
            var kept = start - at;
            if (from + kept > sent.Length || !sent.AsSpan(from, kept).SequenceEqual(text.AsSpan(at, kept)) || sent.IndexOf(']', from + kept) is not (>= 0 and var last))
            {
                return [new(sent, null)];
            }

            // The replacement of a JSON number is a JSON string, so the replaced piece may include quotation marks.
            var place = sent[(from + kept)..(last + 1)];
            var quotes = place[..Math.Max(0, place.IndexOf('['))];
            Add(pieces, sent[from..(from + kept)], null);
            Add(pieces, place + quotes, action);
            (at, from) = (end, Math.Min(sent.Length, last + 1 + quotes.Length));
        }

        Add(pieces, sent[from..], null);
        return pieces;
    }

    /// <summary>Converts byte positions of findings to character positions.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="hits">The findings in the order of their position.</param>
    public static IEnumerable<PolicyHitView> InCharacters(byte[] utf8, IEnumerable<PolicyHitView> hits)
    {
        var (bytes, characters) = (0, 0);
        foreach (var hit in hits)
        {
            characters += Encoding.UTF8.GetCharCount(utf8, bytes, hit.Start - bytes);
            bytes = hit.Start;
            yield return hit with { Start = characters, Length = Encoding.UTF8.GetCharCount(utf8, hit.Start, hit.Length) };
        }
    }

    private static IEnumerable<(int Start, int End, PolicyAction Action)> MergeOverlapping(IEnumerable<PolicyHitView> hits)
    {
        (int Start, int End, PolicyAction Action)? open = null;
        foreach (var hit in hits.Where(static hit => hit.Length > 0))
        {
            if (open is { } one && hit.Start < one.End)
            {
                open = (one.Start, Math.Max(one.End, hit.Start + hit.Length), hit.Action > one.Action ? hit.Action : one.Action);
                continue;
            }

            if (open is { } whole)
            {
                yield return whole;
            }

            open = (hit.Start, hit.Start + hit.Length, hit.Action);
        }

        if (open is { } last)
        {
            yield return last;
        }
    }

    private static void Add(List<MarkedPiece> pieces, string text, PolicyAction? action)
    {
        if (text.Length > 0)
        {
            pieces.Add(new(text, action));
        }
    }
}
