using System.Text;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>A part of a text that was tested.</summary>
/// <param name="Text">It.</param>
/// <param name="Action">What becomes of it. Null: nothing was found there.</param>
public sealed record MarkedPiece(string Text, PolicyAction? Action);

/// <summary>Cuts texts where something was found in them.</summary>
internal static class MarkedText
{
    // Of a text full of hits the rest is shown without marks.
    private const int MaxMarks = 500;

    /// <summary>What was looked at. Hits that overlap are one, with the strictest action.</summary>
    /// <param name="text">It.</param>
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

    /// <summary>What would go on: between what was replaced it is what was looked at.</summary>
    /// <param name="text">What was looked at.</param>
    /// <param name="hits">In order, in characters of it.</param>
    /// <param name="sent">What would go on.</param>
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

            // Around what takes the place of a number are quotes.
            var place = sent[(from + kept)..(last + 1)];
            var quotes = place[..Math.Max(0, place.IndexOf('['))];
            Add(pieces, sent[from..(from + kept)], null);
            Add(pieces, place + quotes, action);
            (at, from) = (end, Math.Min(sent.Length, last + 1 + quotes.Length));
        }

        Add(pieces, sent[from..], null);
        return pieces;
    }

    /// <summary>The same hits, counted in characters of a text instead of bytes of it.</summary>
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
