using System.Text.RegularExpressions;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Measures the speed of a pattern. The matching time is always linear in the text, but some patterns track hundreds of partial matches at each character.</summary>
internal static class PatternValidation
{
    private const int Length = 4 * 1024;
    private const int Passes = 10;
    private const int MaxOwn = 24;

    // The time limit for one character. Sensible patterns take less than a third of it on a slow machine, and those with large repetitions more than three
    // times as much. A lower limit would refuse sensible patterns on a slow or busy machine. Each match adds the limit of CharactersForMatch characters.
    private static readonly TimeSpan MaxForCharacter = TimeSpan.FromMicroseconds(0.6);
    private const int CharactersForMatch = 4;

    public static bool IsSlow(Regex regex, string pattern)
    {
        // The test text consists of the pattern's own characters, because such text gets furthest into the pattern.
        var own = pattern.Where(char.IsLetterOrDigit).Concat(pattern.Where(char.IsPunctuation)).Append('a').Append('1').Append(' ').Distinct().Take(MaxOwn).ToArray();
        return IsSlow(regex, own)
            || own.Any(without => IsSlow(regex, [.. own.Where(character => character != without)]))
            || Enumerable.Range(0, own.Length).Any(at => Enumerable.Range(1, 3).Any(count => IsSlow(regex, own[at..Math.Min(own.Length, at + count)])));
    }

    private static bool IsSlow(Regex regex, char[] alphabet)
    {
        // Each pass uses a new text, because only the first scan of a text is slow. The seed is fixed, so that each check of a pattern uses the same texts.
        var random = new Random(1);
        var best = TimeSpan.MaxValue;
        var max = TimeSpan.Zero;
        for (var pass = 0; pass < Passes && best > max; pass++)
        {
            var text = new string(random.GetItems(alphabet, Length));
            var started = TimeProvider.System.GetTimestamp();
            var matches = regex.Count(text);
            var took = TimeProvider.System.GetElapsedTime(started);
            best = took < best ? took : best;
            max = MaxForCharacter * (Length + matches * CharactersForMatch);
        }

        return best > max;
    }
}
