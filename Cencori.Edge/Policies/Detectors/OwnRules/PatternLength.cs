namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Computes the shortest possible match of a pattern.</summary>
internal static class PatternLength
{
    private const string OneCharacter = "dDwWsSnrtfv.^$*+?()[]{}|\\/-@:,'\" ";
    private const string NoCharacter = "bBAzZG";

    /// <summary>Length of the shortest match, in characters. 0 when it is not easy to determine: the pattern has groups, alternatives or escapes of variable length.</summary>
    /// <param name="pattern">A regular expression.</param>
    public static int MinLength(string pattern)
    {
        var min = 0;
        for (var at = 0; at < pattern.Length;)
        {
            if (!TryPart(pattern, ref at, out var part))
            {
                return 0;
            }

            min += part * Times(pattern, ref at);
        }

        return min;
    }

    // Reads a character, a character class, or an anchor.
    private static bool TryPart(string pattern, ref int at, out int length)
    {
        var first = pattern[at++];
        length = first is '^' or '$' ? 0 : 1;
        switch (first)
        {
            case '(' or ')' or '|':
                return false;
            case '\\':
                var escaped = at < pattern.Length ? pattern[at++] : 'x';
                length = OneCharacter.Contains(escaped) ? 1 : 0;
                return length == 1 || NoCharacter.Contains(escaped);
            case '[':
                var end = pattern.IndexOf(']', Math.Min(at + 1, pattern.Length));
                var inside = pattern[at..Math.Max(at, end)];
                at = end + 1;
                return end > 0 && inside != "^" && !inside.Contains('\\') && !inside.Contains('[');
            default:
                return true;
        }
    }

    private static int Times(string pattern, ref int at)
    {
        var times = 1;
        if (at < pattern.Length && pattern[at] is '?' or '*' or '+')
        {
            times = pattern[at++] == '+' ? 1 : 0;
        }
        else if (at < pattern.Length && pattern[at] == '{' && pattern.IndexOf('}', at) is > 0 and var end && int.TryParse(pattern[(at + 1)..end].Split(',')[0], out var min))
        {
            (times, at) = (min, end + 1);
        }
        else
        {
            return 1;
        }

        // Skips the ? of a lazy quantifier.
        at += at < pattern.Length && pattern[at] == '?' ? 1 : 0;
        return times;
    }
}
