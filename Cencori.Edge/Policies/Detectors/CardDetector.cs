namespace Cencori.Edge.Policies.Detectors;

/// <summary>Numbers of payment cards: an issuer's range and length, grouped as cards are, with the check digit of Luhn.</summary>
internal sealed class CardDetector() : CandidateDetector(mostOpen: LongestText + 2 + LongestGroup + 2)
{
    private const int MostGroups = 6;
    private const int LongestText = 23;

    // Of several.
    private const int LongestGroup = 8;

    private static readonly byte[][] Groupings = [[4, 4, 4, 4, 3], [4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [8, 8]];

    protected override int Next(ReadOnlySpan<char> text, int from) => NextNumber(text, from);

    protected override bool CanBegin(char first) => char.IsAsciiDigit(first);

    protected override int Match(ref Candidate candidate)
    {
        if (candidate.At(0) is < '2' or > '9' || !candidate.BeginsAlone())
        {
            return 0;
        }

        Span<byte> groups = stackalloc byte[MostGroups];
        var separator = '\0';
        var count = Split(ref candidate, groups, ref separator);
        groups = groups[..count];
        if (count > 0 && groups[0] >= CardIssuers.Shortest)
        {
            return IsCard(ref candidate, groups[0], groups[0]) ? groups[0] : 0;
        }

        foreach (var grouping in Groupings)
        {
            if (groups.StartsWith(grouping) && !IsInTable(ref candidate, groups[grouping.Length..], separator))
            {
                var digits = 0;
                foreach (var group in grouping)
                {
                    digits += group;
                }

                var length = digits + grouping.Length - 1;
                if (IsCard(ref candidate, length, digits))
                {
                    return length;
                }
            }
        }

        return 0;
    }

    /// <summary>How many digits each group has, as long as the same separator is between them. Groups that are no part of a card end it.</summary>
    private static int Split(ref Candidate candidate, scoped Span<byte> groups, ref char separator)
    {
        var at = 0;
        for (var count = 0; ; count++)
        {
            var begin = at;
            var most = count == 0 ? CardIssuers.Longest : LongestGroup;
            while (at - begin <= most && char.IsAsciiDigit(candidate.At(at)))
            {
                at++;
            }

            if (at == begin || at - begin > most)
            {
                return count;
            }

            groups[count] = (byte)(at - begin);
            var next = candidate.At(at);
            if (count + 1 == groups.Length || at > LongestText || groups[0] >= CardIssuers.Shortest || next is not (' ' or '-') || (count > 0 && next != separator))
            {
                return count + 1;
            }

            separator = next;
            at++;
        }
    }

    // Rows of numbers of four digits: a card has others on one side at most, as a year of expiry is.
    private static bool IsInTable(ref Candidate candidate, scoped ReadOnlySpan<byte> after, char separator) =>
        separator == ' ' && after.Length > 0 && after[0] == 4 && candidate.At(-1) == ' '
        && char.IsAsciiDigit(candidate.At(-2)) && char.IsAsciiDigit(candidate.At(-3)) && char.IsAsciiDigit(candidate.At(-4)) && char.IsAsciiDigit(candidate.At(-5)) && !char.IsAsciiDigit(candidate.At(-6));

    private static bool IsCard(ref Candidate candidate, int length, int count)
    {
        Span<char> digits = stackalloc char[CardIssuers.Longest];
        digits = digits[..count];
        for (int at = 0, digit = 0; at < length; at++)
        {
            if (candidate.At(at) is var character && char.IsAsciiDigit(character))
            {
                digits[digit++] = character;
            }
        }

        return candidate.EndsAlone(length) && CardIssuers.Issues(digits) && Luhn.IsValid(digits);
    }
}
