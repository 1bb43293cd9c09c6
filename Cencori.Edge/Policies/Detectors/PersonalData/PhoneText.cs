namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Reads the notation of telephone numbers: digits with spaces, signs or parentheses between them.</summary>
internal static class PhoneText
{
    private const int LongestOfDate = 4;

    // A slash after at least this many digits separates two national numbers. A slash after fewer digits is part of the number.
    private const int MinOfNational = 7;

    /// <summary>Returns the digits, the end position of each digit, and the number of groups. A trunk zero in parentheses, (0), is not part of the number.</summary>
    public static (int Count, int Groups) Read(ref Candidate candidate, int longest, scoped Span<char> digits, scoped Span<byte> ends)
    {
        var (count, groups, gap) = (0, 0, 1);
        for (var at = candidate.At(0) == '+' ? 1 : 0; at < longest; at++)
        {
            var character = candidate.At(at);
            if (char.IsAsciiDigit(character))
            {
                if (count == digits.Length)
                {
                    // The number has too many digits, so its last group does not belong to it.
                    return gap > 0 ? (count, groups) : (count - LastGroup(ends[..count]), groups - 1);
                }

                groups += gap > 0 ? 1 : 0;
                gap = 0;
                digits[count] = character;
                ends[count++] = (byte)(at + 1);
            }
            else if (character == '(' && count > 0 && candidate.At(at + 1) == '0' && candidate.At(at + 2) == ')')
            {
                at += 2;
                gap = 1;
            }
            else if (character is ' ' or '-' or '.' or '(' or ')' && gap < 3)
            {
                gap++;
            }
            else if (character == '/' && gap < 3 && candidate.At(at + 1) != '(' && (count < MinOfNational || candidate.At(0) == '+'))
            {
                gap++;
            }
            else
            {
                break;
            }
        }

        return (count, groups);
    }

    /// <summary>True when no word or number continues after this length. An extension may follow.</summary>
    public static bool EndsAt(ref Candidate candidate, int length) =>
        candidate.At(length) is 'x' or 'X' ? !char.IsAsciiLetter(candidate.At(length + 1)) : !char.IsAsciiLetterOrDigit(candidate.At(length)) && candidate.At(length) != '_';

    /// <summary>True for dates and IP addresses: 2024-05-01, 01.05.2024 or 10.0.20.30.</summary>
    public static bool IsDateOrAddress(ref Candidate candidate)
    {
        Span<byte> groups = stackalloc byte[4];
        var (at, count, separator) = (0, 0, '\0');
        while (count < groups.Length)
        {
            var begin = at;
            while (at - begin < 5 && char.IsAsciiDigit(candidate.At(at)))
            {
                at++;
            }

            groups[count++] = (byte)(at - begin);
            var next = candidate.At(at);
            if (at == begin || count == groups.Length || next is not ('-' or '.' or '/') || (separator != '\0' && next != separator))
            {
                break;
            }

            separator = next;
            at++;
        }

        return groups[..count] switch
        {
            [4, <= 2, <= 2] or [4, <= 2, <= 2, _] or [<= 2, <= 2, 4] or [<= 2, <= 2, 4, _] => true,
            [<= 3, <= 3, <= 3, <= 3] => separator == '.' && candidate.At(at) != '.',
            _ => false,
        };
    }

    /// <summary>True when the candidate is the end of a decimal number such as 1,234.5678901.</summary>
    public static bool IsDecimal(ref Candidate candidate)
    {
        const int Thousand = 3;
        const int Most = 16;
        if (candidate.At(-1) != ',' || !char.IsAsciiDigit(candidate.At(-2)))
        {
            return false;
        }

        var at = 0;
        while (at < Thousand && char.IsAsciiDigit(candidate.At(at)))
        {
            at++;
        }

        if (at < Thousand || candidate.At(at) != '.')
        {
            return false;
        }

        do
        {
            at++;
        }
        while (at < Most && char.IsAsciiDigit(candidate.At(at)));

        return candidate.At(at) is not ('.' or '-' or ' ');
    }

    /// <summary>True when two or more groups of digits come directly before the candidate. List separators end the row: a telephone number does not contain them.</summary>
    public static bool IsInRow(ref Candidate candidate)
    {
        const int Most = 24;
        if (candidate.At(-1) is ',' or ';' or '|' or '/' or '\t' or '\r' or '\n' || (candidate.At(-1) == ':' && !FollowsTime(ref candidate)))
        {
            return false;
        }

        var groups = 0;
        for (var at = -1; at > -Most && groups < 2; at--)
        {
            if (char.IsAsciiDigit(candidate.At(at)))
            {
                return false;
            }

            if (!char.IsAsciiDigit(candidate.At(--at)))
            {
                return false;
            }

            groups++;
            while (at > -Most && char.IsAsciiDigit(candidate.At(at - 1)))
            {
                at--;
            }
        }

        return true;
    }

    /// <summary>True when the text directly before the candidate has the same form: equally many digits with the same separators. False if the first group has
    /// fewer than three digits: rows of such groups are tables.</summary>
    public static bool HasFormOfPrevious(ref Candidate candidate, int length)
    {
        var first = candidate.At(0) == '(' ? 1 : 0;
        if (!char.IsAsciiDigit(candidate.At(first)) || !char.IsAsciiDigit(candidate.At(first + 1)) || !char.IsAsciiDigit(candidate.At(first + 2)))
        {
            return false;
        }

        for (var at = 0; at < length; at++)
        {
            var (character, before) = (candidate.At(at), candidate.At(at - length - 1));
            if (char.IsAsciiDigit(character) ? !char.IsAsciiDigit(before) : character != before)
            {
                return false;
            }
        }

        return !char.IsAsciiDigit(candidate.At(-1)) && !char.IsAsciiDigit(candidate.At(-length - 2));
    }

    /// <summary>True when a candidate after a slash is the next list value, and not part of a path or the end of a date.</summary>
    public static bool MayFollowSlash(ref Candidate candidate)
    {
        if (candidate.At(0) == '(')
        {
            return candidate.At(-2) != '/';
        }

        var group = 0;
        while (group <= LongestOfDate && char.IsAsciiDigit(candidate.At(group)))
        {
            group++;
        }

        return char.IsAsciiDigit(candidate.At(-2)) && (IsBehindLongNumber(ref candidate) || (group is 3 or > LongestOfDate && candidate.At(group) is not ('/' or '.')));
    }

    // True after a time such as 10:12:
    private static bool FollowsTime(ref Candidate candidate) =>
        char.IsAsciiDigit(candidate.At(-2)) && char.IsAsciiDigit(candidate.At(-3)) && candidate.At(-4) == ':';

    // True when the number before the candidate has more digits than a date.
    private static bool IsBehindLongNumber(ref Candidate candidate)
    {
        const int Least = 7;
        var digits = 0;
        for (var at = -2; at > -Least * 2 && (char.IsAsciiDigit(candidate.At(at)) || candidate.At(at) is ' ' or '-' or '.'); at--)
        {
            digits += char.IsAsciiDigit(candidate.At(at)) ? 1 : 0;
        }

        return digits >= Least;
    }

    private static int LastGroup(ReadOnlySpan<byte> ends)
    {
        var length = 1;
        while (length < ends.Length && ends[^(length + 1)] == ends[^length] - 1)
        {
            length++;
        }

        return length;
    }
}
