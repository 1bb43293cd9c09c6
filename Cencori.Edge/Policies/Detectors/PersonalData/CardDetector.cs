namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Finds payment card numbers: an issuer's range and length, grouped like a card, with a valid Luhn check digit. Also reads magnetic stripe data.</summary>
internal sealed class CardDetector() : CandidateDetector(mostOpen: LongestText + 2 + LongestGroup + 2)
{
    private const int MaxGroups = 6;
    private const int LongestText = 23;

    // Number of digits in the longest group of a number that is written in several groups.
    private const int LongestGroup = 8;

    private static readonly byte[][] Groupings = [[4, 4, 4, 4, 3], [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [8, 8]];

    protected override int Next(ReadOnlySpan<char> text, int from) => NextNumber(text, from);

    protected override bool CanBegin(char first) => char.IsAsciiDigit(first);

    protected override int Match(ref Candidate candidate)
    {
        var isOnStripe = IsOnStripe(ref candidate);
        if (candidate.At(0) is < '2' or > '9' || !(isOnStripe || candidate.StartsAtBoundary()))
        {
            return 0;
        }

        Span<byte> groups = stackalloc byte[MaxGroups];
        var separator = '\0';
        var count = Split(ref candidate, groups, ref separator);
        groups = groups[..count];
        if (count > 0 && groups[0] >= CardIssuers.Shortest)
        {
            return EndsAtBoundary(ref candidate, groups[0], isOnStripe, '\0') && !IsFraction(ref candidate, groups[0]) && IsCard(ref candidate, groups[0], groups[0]) ? groups[0] : 0;
        }

        foreach (var grouping in Groupings)
        {
            // Two groups of digits with a dot between them are a decimal number, not a card number.
            if (groups.StartsWith(grouping) && !(separator == '.' && grouping.Length == 2) && !IsInTable(ref candidate, groups[grouping.Length..], separator))
            {
                var digits = 0;
                foreach (var group in grouping)
                {
                    digits += group;
                }

                var length = digits + grouping.Length - 1;
                if (EndsAtBoundary(ref candidate, length, isOnStripe, separator) && IsCard(ref candidate, length, digits))
                {
                    return length;
                }
            }
        }

        return 0;
    }

    // Magnetic stripe data: %B4111111111111111^DOE/JOHN^
    private static bool IsOnStripe(ref Candidate candidate) => candidate.At(-1) is 'B' or 'b' && !char.IsAsciiLetterOrDigit(candidate.At(-2));

    // A dot may follow a number with groups, as at the end of a sentence. In a number without groups, a dot may be a decimal point.
    private static bool EndsAtBoundary(ref Candidate candidate, int length, bool isOnStripe, char separator) =>
        isOnStripe ? candidate.At(length) == '^' : (separator is ' ' or '-' && candidate.At(length) == '.') || candidate.EndsAtBoundary(length);

    // True for a decimal fraction with a comma, such as 0,4111111111111111 in many languages. In a list, more commas follow.
    private static bool IsFraction(ref Candidate candidate, int length) => candidate.At(-1) == ',' && candidate.At(-2) == '0' && candidate.At(-3) is not (',' or '(' or '[' or '\n' or '\r' or '\t' or ';' or '|') && !char.IsAsciiDigit(candidate.At(-3)) && candidate.At(length) != ',';

    /// <summary>Counts the digits of each group, while the separator stays the same. Stops at a group that cannot belong to a card.</summary>
    private static int Split(ref Candidate candidate, scoped Span<byte> groups, ref char separator)
    {
        var at = 0;
        for (var count = 0; ; count++)
        {
            var begin = at;
            var max = count == 0 ? CardIssuers.Longest : LongestGroup;
            while (at - begin <= max && char.IsAsciiDigit(candidate.At(at)))
            {
                at++;
            }

            if (at == begin || at - begin > max)
            {
                return count;
            }

            groups[count] = (byte)(at - begin);
            var next = candidate.At(at);
            if (count + 1 == groups.Length || at > LongestText || groups[0] >= CardIssuers.Shortest || next is not (' ' or '-' or '.') || (count > 0 && next != separator))
            {
                return count + 1;
            }

            separator = next;
            at++;
        }
    }

    // True for rows of four-digit numbers, which are a table. A card has further numbers on at most one side: an expiry year after it, or another card before it.
    private static bool IsInTable(ref Candidate candidate, scoped ReadOnlySpan<byte> after, char separator) =>
        separator == ' ' && after.Length > 0 && after[0] == 4 && candidate.At(-1) == ' '
        && char.IsAsciiDigit(candidate.At(-2)) && char.IsAsciiDigit(candidate.At(-3)) && char.IsAsciiDigit(candidate.At(-4)) && char.IsAsciiDigit(candidate.At(-5)) && !char.IsAsciiDigit(candidate.At(-6))
        && !IsBehindCard(ref candidate);

    private static bool IsBehindCard(ref Candidate candidate)
    {
        const int Length = 19;
        for (var at = 0; at < Length; at++)
        {
            if (at % 5 == 4 ? candidate.At(at - Length - 1) != ' ' : !char.IsAsciiDigit(candidate.At(at - Length - 1)))
            {
                return false;
            }
        }

        return IsCard(ref candidate, Length, 16, -Length - 1);
    }

    private static bool IsCard(ref Candidate candidate, int length, int count, int from = 0)
    {
        Span<char> digits = stackalloc char[CardIssuers.Longest];
        digits = digits[..count];
        for (int at = from, digit = 0; at < from + length; at++)
        {
            if (candidate.At(at) is var character && char.IsAsciiDigit(character))
            {
                digits[digit++] = character;
            }
        }

        return CardIssuers.Issues(digits) && Luhn.IsValid(digits);
    }
}
