using System.Text;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>A piece of a tested text.</summary>
/// <param name="Text">The text.</param>
/// <param name="Action">The action of the finding. Null: no finding here.</param>
public sealed record MarkedPiece(string Text, PolicyAction? Action);

/// <summary>Splits a text at its findings.</summary>
internal static class MarkedText
{
    // Findings beyond this number are not marked.
    private const int MaxMarks = 500;

    /// <summary>The pieces of the tested text. Overlapping findings become one with the strictest action.</summary>
    /// <param name="text">The tested text.</param>
    /// <param name="hits">In order, in characters.</param>
    public static List<MarkedPiece> Read(string text, IEnumerable<PolicyHitView> hits)
    {
        var pieces = new List<MarkedPiece>();
        var at = 0;
        foreach (var (start, end, action) in Together(hits).Take(MaxMarks))
        {
            Add(pieces, text[at..start], null);
            Add(pieces, text[start..end], action);
            at = end;
        }

        Add(pieces, text[at..], null);
        return pieces;
    }

    /// <summary>The pieces of the text after the rules ran. Outside of replacements it equals the tested text.</summary>
    /// <param name="text">The tested text.</param>
    /// <param name="hits">In order, in characters of it.</param>
    /// <param name="sent">The text that would be sent.</param>
    public static List<MarkedPiece> Sent(string text, IEnumerable<PolicyHitView> hits, string sent)
    {
        var pieces = new List<MarkedPiece>();
        var (at, from) = (0, 0);
        foreach (var (start, end, action) in Together(hits.Where(static hit => hit.Action is PolicyAction.Mask or PolicyAction.Tokenize)).Take(MaxMarks))
        {
            var kept = start - at;
            if (from + kept > sent.Length || !sent.AsSpan(from, kept).SequenceEqual(text.AsSpan(at, kept)) || sent.IndexOf(']', from + kept) is not (>= 0 and var last))
            {
                return [new(sent, null)];
            }

            // The replacement of a JSON number is a string, so it has quotation marks around it.
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
    /// <param name="hits">In order.</param>
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

    private static IEnumerable<(int Start, int End, PolicyAction Action)> Together(IEnumerable<PolicyHitView> hits)
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
