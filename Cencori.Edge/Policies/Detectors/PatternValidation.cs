using System.Text.RegularExpressions;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Tries what a pattern costs. The time is linear in the text whatever the pattern is, but some of them follow hundreds of beginnings at once, at each character.</summary>
internal static class PatternValidation
{
    private const int Length = 4 * 1024;
    private const int Passes = 10;
    private const int MaxOwn = 24;

    // Such that 1 MiB takes 100 ms or so; patterns that people mean take a tenth of that and less. A match costs as much as some characters.
    private static readonly TimeSpan MaxForCharacter = TimeSpan.FromMicroseconds(0.12);
    private const int CharactersForMatch = 4;

    public static bool IsSlow(Regex regex, string pattern)
    {
        // What the pattern itself is made of goes furthest into it.
        var own = pattern.Where(char.IsLetterOrDigit).Concat(pattern.Where(char.IsPunctuation)).Append('a').Append('1').Append(' ').Distinct().Take(MaxOwn).ToArray();
        return IsSlow(regex, own)
            || own.Any(without => IsSlow(regex, [.. own.Where(character => character != without)]))
            || Enumerable.Range(0, own.Length).Any(at => Enumerable.Range(1, 3).Any(count => IsSlow(regex, own[at..Math.Min(own.Length, at + count)])));
    }

    private static bool IsSlow(Regex regex, char[] alphabet)
    {
        // A new text each time, as it is the first meeting with a text that is slow; always the same ones, so that a pattern which was good stays good.
        var random = new Random(1);
        var best = TimeSpan.MaxValue;
        var most = TimeSpan.Zero;
        for (var pass = 0; pass < Passes && best > most; pass++)
        {
            var text = new string(random.GetItems(alphabet, Length));
            var started = TimeProvider.System.GetTimestamp();
            var matches = regex.Count(text);
            var took = TimeProvider.System.GetElapsedTime(started);
            best = took < best ? took : best;
            most = MaxForCharacter * (Length + matches * CharactersForMatch);
        }

        return best > most;
    }
}
