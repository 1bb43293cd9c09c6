using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Turns hits into changes of a body.</summary>
internal static class Masks
{
    /// <summary>Returns the replacements for hits, sorted. Overlapping hits are merged and replaced as one: the longest hit
    /// determines the mask. Of several longest hits, the one with the strictest action determines the mask.</summary>
    /// <param name="hits">The hits to replace, in any order.</param>
    /// <param name="body">The body.</param>
    /// <param name="tokens">Creates placeholders. The edge replaces them by the original values in the response.</param>
    public static List<Splice> Of(List<(BodyHit Hit, PolicyAction Action)> hits, ReadOnlySpan<byte> body, TokenTable tokens)
    {
        hits.Sort(static (a, b) => a.Hit.Range.Start != b.Hit.Range.Start ? a.Hit.Range.Start.CompareTo(b.Hit.Range.Start) : b.Hit.Range.Length.CompareTo(a.Hit.Range.Length));
        var splices = new List<Splice>(hits.Count);
        for (var i = 0; i < hits.Count;)
        {
            var (first, end) = (hits[i], hits[i].Hit.Range.End);
            var best = first;
            for (i++; i < hits.Count && hits[i].Hit.Range.Start < end; i++)
            {
                end = Math.Max(end, hits[i].Hit.Range.End);
                best = IsBefore(hits[i], best) ? hits[i] : best;
            }

            var range = new ByteRange(first.Hit.Range.Start, end - first.Hit.Range.Start);
            splices.Add(new(range, TextFor(best.Hit, best.Action, body.Slice(range.Start, range.Length), tokens)));
        }

        return splices;
    }

    private static bool IsBefore((BodyHit Hit, PolicyAction Action) one, (BodyHit Hit, PolicyAction Action) other) =>
        one.Hit.Range.Length != other.Hit.Range.Length ? one.Hit.Range.Length > other.Hit.Range.Length : Strictness(one.Action) > Strictness(other.Action);

    private static int Strictness(PolicyAction action) => action switch
    {
        PolicyAction.Block => 3,
        PolicyAction.Tokenize => 2,
        PolicyAction.Mask => 1,
        _ => 0,
    };

    private static byte[] TextFor(in BodyHit hit, PolicyAction action, ReadOnlySpan<byte> found, TokenTable tokens)
    {
        var text = action == PolicyAction.Tokenize ? tokens.Add(hit.Rule, Unescape(found, hit.Levels)) : hit.Rule.Mask;
        return Encoding.UTF8.GetBytes(hit.Quotes switch
        {
            QuotesNeeded.Plain => $"\"{text}\"",
            QuotesNeeded.Escaped => $"\\\"{text}\\\"",
            _ => text,
        });
    }

    // Also resolves the escapes of nested JSON, so that a value gets the same placeholder inside and outside of nested JSON.
    private static string Unescape(ReadOnlySpan<byte> found, int levels)
    {
        var text = Encoding.UTF8.GetString(found);
        try
        {
            for (var level = 0; level < levels && text.Contains('\\', StringComparison.Ordinal); level++)
            {
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{text}\""));
                reader.Read();
                text = reader.GetString()!;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The value contains half of a surrogate pair. It is kept as it is so far, and restored unchanged.
        }

        return text;
    }
}
