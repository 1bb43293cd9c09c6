using System.Buffers;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Finds vendors' API keys by prefix. The prefix alone is not enough: the rest must match the vendor's alphabet and length, and look random.</summary>
internal sealed class ApiKeyDetector() : HeadedDetector([.. KeyShapes.All.SelectMany(Heads).Distinct()], KeyAlphabet.All, KeyShapes.All.Min(shape => shape.MinLength))
{
    // Maximum number of characters between the name of a setting and its value.
    private const int MaxGap = 12;
    private const int MaxName = 17;

    // Length of the shortest value whose randomness is measured. Shorter values are too short for that.
    private const int MinRandom = 16;

    private const int NamedLength = 40;

    private static readonly SearchValues<char> Gap = SearchValues.Create(" \t\r\n\"'`:=>|\\*,");
    private static readonly SearchValues<char> Small = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> Capitals = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<string> Names = SearchValues.Create([.. KeyShapes.All.Where(shape => shape.IsName).Select(shape => shape.Head)], StringComparison.Ordinal);

    // Key formats, grouped by the first characters of their prefixes. In each group, the longest prefix comes first.
    private static readonly KeyShape[]?[] Shapes = ByBegin();

    public override TextForms Also => TextForms.LettersAfterBackslash;

    protected override Candidate Check(ReadOnlySpan<char> text, int at)
    {
        var open = -1;
        foreach (var shape in Shapes[Begin(text[at..])] ?? [])
        {
            if (!text[at..].StartsWith(shape.Head, StringComparison.Ordinal) || !MayBegin(text, at, shape))
            {
                continue;
            }

            var candidate = Read(text, at, shape);
            if (candidate.Length > 0)
            {
                return candidate with { IsOpen = candidate.IsOpen || open >= 0 };
            }

            open = candidate.IsOpen ? candidate.Start : open;
        }

        return new Candidate(open, 0, open >= 0);
    }

    // More text can change a finding that begins with the name of a setting, because the value after the name may still be incomplete.
    protected override int Changeable(ReadOnlySpan<char> text)
    {
        var from = base.Changeable(text);
        var last = Math.Max(0, text.Length - MaxName - MaxGap - NamedLength - 1);
        return last < from && text[last..].IndexOfAny(Names) is >= 0 and var name ? Math.Min(from, base.Changeable(text[..(last + name)])) : from;
    }

    protected override int Begin(ReadOnlySpan<char> text, int run)
    {
        var before = Math.Max(0, run - MaxName - MaxGap);
        var name = text.Length - run >= NamedLength ? text[before..run].IndexOfAny(Names) : -1;
        return name < 0 ? run : before + name;
    }

    private static bool MayBegin(ReadOnlySpan<char> text, int at, KeyShape shape)
    {
        if (shape.DigitsBefore > 0)
        {
            return at >= shape.DigitsBefore && !text[(at - shape.DigitsBefore)..at].ContainsAnyExcept(KeyAlphabet.Digits.Characters);
        }

        return shape.IsName || !char.IsAsciiLetterOrDigit(shape.Head[0]) || Boundary.OpensAt(text, at);
    }

    private static Candidate Read(ReadOnlySpan<char> text, int at, KeyShape shape)
    {
        var position = at + shape.Head.Length;
        if (shape.IsName)
        {
            var gap = text[position..Math.Min(text.Length, position + MaxGap + 1)].IndexOfAnyExcept(Gap);
            if (gap < 0)
            {
                return default;
            }

            position += gap;
            at = position;
        }

        for (var index = 0; ; index++)
        {
            var part = shape.Parts[index];
            var rest = text[position..];
            var run = rest[..Math.Min(rest.Length, part.Max + 1)].IndexOfAnyExcept(part.Alphabet.Characters);
            run = run >= 0 ? run : Math.Min(rest.Length, part.Max + 1);
            var ends = run == rest.Length && run <= part.Max;
            if (run < part.Min || (run > part.Max && (part.Min == part.Max || index < shape.Parts.Length - 1)))
            {
                return new Candidate(at, 0, ends);
            }

            if (index < shape.Parts.Length - 1)
            {
                if (ends || rest[run] != shape.Separator || !IsRandom(rest[..run], part.Alphabet))
                {
                    return new Candidate(at, 0, ends);
                }

                position += run + 1;
                continue;
            }

            var isComplete = run > part.Max || ends || !char.IsAsciiLetterOrDigit(rest[run]);
            run = Math.Min(run, part.Max);
            return new Candidate(at, isComplete && IsRandom(rest[..run], part.Alphabet) ? position + run - at : 0, ends);
        }
    }

    private static bool IsRandom(ReadOnlySpan<char> value, KeyAlphabet alphabet) =>
        value.Length < MinRandom
        || ((!alphabet.IsMixed || (value.ContainsAny(Small) && value.ContainsAny(Capitals)))
            && Entropy.Of(value) >= alphabet.Entropy
            && !value.Contains("EXAMPLE", StringComparison.Ordinal));

    // Two-letter prefixes occur too often in text. They are searched together with each character that can follow.
    private static IEnumerable<string> Heads(KeyShape shape) => shape.Head.Length > 2 ? [shape.Head] : "0123456789abcdef".Select(digit => shape.Head + digit);

    private static int Begin(ReadOnlySpan<char> text) => (text[0] * 7 + text[1] * 31 + text[2]) & 0xFF;

    private static KeyShape[]?[] ByBegin()
    {
        var shapes = new KeyShape[]?[0x100];
        foreach (var same in KeyShapes.All.SelectMany(Heads, (shape, head) => (shape, Begin: Begin(head))).GroupBy(pair => pair.Begin, pair => pair.shape))
        {
            shapes[same.Key] = [.. same.Distinct().OrderByDescending(shape => shape.Head.Length)];
        }

        return shapes;
    }
}
