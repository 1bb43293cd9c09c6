using System.Text;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>The texts that one guardrail checks: those of some roles, each text once, with the changes of local rules.</summary>
internal sealed class GuardedTexts
{
    /// <summary>Maximum number of texts in one request to a guardrail service.</summary>
    public const int Max = 200;

    /// <summary>Maximum size of all texts in one request to a guardrail service, in bytes.</summary>
    public const int MaxBytes = 256 * 1024;

    // A longer JSON string (in bytes) is not decoded: it has more than MaxBytes of text even if each character is an escape of six bytes.
    private const int LongestRange = 6 * MaxBytes;

    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<List<BodyText>> _places = [];
    private int _bytes;

    public List<string> Texts { get; } = [];

    /// <summary>
    /// True when the guardrail would have to check more than <see cref="Max"/> texts or <see cref="MaxBytes"/>, or when the body has too many texts to collect.
    /// The service is then not called, and the result is the same as after a failed call: a verdict with a <see cref="GuardrailVerdict.Fault"/>.
    /// </summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>All places in the body where this text occurs.</summary>
    /// <param name="text">Index of the text.</param>
    public IReadOnlyList<BodyText> PlacesOf(int text) => _places[text];

    /// <param name="roles">The roles to include.</param>
    /// <param name="screen">The screen that has scanned the body.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="splices">The masks of local rules, sorted by position. The service receives the masks, never the masked text.</param>
    /// <param name="roleOf">Returns the role to use for a text, for the role that was found in the body.</param>
    public static GuardedTexts Of(PolicyRoles roles, BodyScreen screen, ReadOnlySpan<byte> body, List<Splice> splices, Func<PolicyRoles, PolicyRoles> roleOf)
    {
        var texts = new GuardedTexts { IsTooMuch = screen.HasMoreTexts };
        var next = 0;
        foreach (var found in screen.Texts)
        {
            while (next < splices.Count && splices[next].Range.End <= found.Range.Start)
            {
                next++;
            }

            var text = found with { Role = roleOf(found.Role) };
            if (texts.IsTooMuch)
            {
                break;
            }

            if ((text.Role & roles) != 0)
            {
                texts.Add(text, body, splices, next);
            }
        }

        return texts;
    }

    private void Add(in BodyText place, ReadOnlySpan<byte> body, List<Splice> splices, int next)
    {
        if (place.Range.Length > LongestRange)
        {
            IsTooMuch = true;
            return;
        }

        var text = TextOf(place, body, splices, next);
        if (_known.TryGetValue(text, out var index))
        {
            _places[index].Add(place);
            return;
        }

        _bytes += Encoding.UTF8.GetByteCount(text);
        if (Texts.Count == Max || _bytes > MaxBytes)
        {
            IsTooMuch = true;
            return;
        }

        _known.Add(text, Texts.Count);
        Texts.Add(text);
        _places.Add([place]);
    }

    private static string TextOf(in BodyText place, ReadOnlySpan<byte> body, List<Splice> splices, int next)
    {
        var source = body.Slice(place.Range.Start, place.Range.Length);
        if (next < splices.Count && splices[next].Range.Start < place.Range.End)
        {
            var masked = new List<byte>(source.Length);
            var at = place.Range.Start;
            for (; next < splices.Count && splices[next].Range.Start < place.Range.End; next++)
            {
                masked.AddRange(body[at..splices[next].Range.Start]);
                masked.AddRange(splices[next].Bytes.Span);
                at = splices[next].Range.End;
            }

            masked.AddRange(body[at..place.Range.End]);
            source = masked.ToArray();
        }

        if (place.IsRaw)
        {
            return Encoding.UTF8.GetString(source);
        }

        using var text = new CharBuffer();
        JsonText.Unescape(source, text);
        return text.Span.ToString();
    }
}
