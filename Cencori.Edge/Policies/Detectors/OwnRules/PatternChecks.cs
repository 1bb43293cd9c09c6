using System.Text.RegularExpressions;

namespace Cencori.Edge.Policies.Detectors.OwnRules;

/// <summary>Checks whether a pattern may be saved.</summary>
internal static class PatternChecks
{
    /// <summary>Length of the longest allowed pattern, in characters.</summary>
    public const int MaxLength = 500;

    // A pattern that matches an empty text before, between or after these characters is refused: it would have empty findings in nearly all texts.
    private const string Anything = "ab 1-\n_é.";

    private static readonly (string Open, string Name)[] Groups =
    [
        ("?=", "a look-ahead"),
        ("?!", "a negative look-ahead"),
        ("?<=", "a look-behind"),
        ("?<!", "a negative look-behind"),
        ("?>", "an atomic group"),
        ("?(", "a conditional"),
        ("?P<", "a group in Python syntax, (?P<name>…) instead of (?<name>…),"),
        ("?P=", "a back reference"),
        ("?P>", "a recursion"),
        ("?R", "a recursion"),
        ("?|", "a branch reset group"),
    ];

    /// <summary>
    /// Checks a pattern. Returns a sentence that says why the pattern cannot be used, if possible with the position of the error. The first character has the
    /// position 1. Null: the pattern can be used.
    /// </summary>
    public static string? Problem(string pattern)
    {
        if (pattern.Length is 0 or > MaxLength)
        {
            return pattern.Length == 0 ? "The pattern is empty." : $"The pattern must have at most {MaxLength} characters. It has {pattern.Length}.";
        }

        return Unusable(pattern) is var (name, at) ? $"The pattern must not have {name} at character {at + 1}: this construct is not supported." : Trial(pattern);
    }

    private static string? Trial(string pattern)
    {
        try
        {
            var regex = PatternCache.Get(pattern, ignoreCase: false);
            return FindsNothing(regex) ? "The pattern must not match the empty text."
                : PatternValidation.IsSlow(regex, pattern) ? "The pattern is too slow: it has a large repetition that can start at every character. Begin the pattern with a fixed text, or use smaller repetitions."
                : null;
        }
        catch (RegexParseException exception)
        {
            return $"The pattern is not a regular expression: {Sentence(exception.Error)} at character {Math.Clamp(exception.Offset, 1, pattern.Length)}.";
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException or OutOfMemoryException)
        {
            return "The pattern is too large after its repetitions are expanded. Use smaller repetitions, or nest them less.";
        }
    }

    private static bool FindsNothing(Regex regex)
    {
        if (regex.IsMatch(""))
        {
            return true;
        }

        foreach (var match in regex.EnumerateMatches(Anything))
        {
            if (match.Length == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds constructs that .NET would refuse without a position, or read differently from other engines.</summary>
    private static (string Name, int At)? Unusable(string pattern)
    {
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\' when at + 1 < pattern.Length:
                    if (Escape(pattern[at + 1]) is { } escape)
                    {
                        return (escape, at);
                    }

                    at++;
                    break;
                case '[':
                    if (EndOfClass(pattern, ref at) is { } posix)
                    {
                        return ("a POSIX class", posix);
                    }

                    break;
                case '(' when Group(pattern.AsSpan(at + 1)) is { } group:
                    return (group, at);
            }
        }

        return null;
    }

    private static string? Escape(char character) => character switch
    {
        >= '1' and <= '9' or 'k' => "a back reference",
        'G' => "\\G",
        'K' => "\\K",
        'R' or 'X' or 'h' or 'H' or 'Q' => $"\\{character}",
        _ => null,
    };

    private static string? Group(ReadOnlySpan<char> rest)
    {
        foreach (var (open, name) in Groups)
        {
            if (rest.StartsWith(open, StringComparison.Ordinal))
            {
                return name;
            }
        }

        // Balancing groups: (?<open-close>…), (?'-close'…)
        if (rest is not ['?', '<' or '\'', ..])
        {
            return null;
        }

        var end = rest[2..].IndexOfAny('>', '\'');
        return end >= 0 && rest.Slice(2, end).Contains('-') ? "a balancing group" : null;
    }

    /// <summary>Moves <paramref name="at"/> to the end of a character class. Returns the position of a POSIX class in the character class, or null.</summary>
    private static int? EndOfClass(string pattern, ref int at)
    {
        var start = at;
        for (at++; at < pattern.Length; at++)
        {
            if (pattern[at] == '\\')
            {
                at++;
            }
            else if (pattern[at] == '[' && pattern.AsSpan(at + 1) is [':' or '.' or '=', ..] && pattern.IndexOf(pattern[at + 1] + "]", at + 2, StringComparison.Ordinal) >= 0)
            {
                return at;
            }
            else if (pattern[at] == ']' && at > start + 1 && !(at == start + 2 && pattern[start + 1] == '^'))
            {
                return null;
            }
        }

        return null;
    }

    private static string Sentence(RegexParseError error) => error switch
    {
        RegexParseError.InsufficientClosingParentheses => "a parenthesis is not closed",
        RegexParseError.InsufficientOpeningParentheses => "a closing parenthesis without an opening one",
        RegexParseError.NestedQuantifiersNotParenthesized => "two quantifiers in a row",
        RegexParseError.QuantifierAfterNothing => "a quantifier without anything to repeat",
        RegexParseError.UnterminatedBracket => "a bracket is not closed",
        RegexParseError.ReversedCharacterRange => "a range from a higher character to a lower one",
        RegexParseError.ReversedQuantifierRange => "a quantifier whose minimum is larger than its maximum",
        RegexParseError.UnrecognizedEscape => "an unknown escape",
        RegexParseError.UnescapedEndingBackslash => "a backslash at the end",
        RegexParseError.InvalidUnicodePropertyEscape or RegexParseError.MalformedUnicodePropertyEscape => "an unknown Unicode class",
        RegexParseError.CaptureGroupNameInvalid => "a group with no valid name",
        _ => "an error",
    };
}
