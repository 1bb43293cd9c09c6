namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>The number ranges of card issuers.</summary>
internal static class CardIssuers
{
    public const int Shortest = 12;
    public const int Longest = 19;

    // First and last value of the first six digits, then the smallest and the largest number of digits.
    private static readonly (int From, int To, int Min, int Max)[] Ranges =
    [
        (220000, 220499, 16, 19), // Mir
        (222100, 272099, 16, 16), // Mastercard
        (300000, 305999, 14, 14), // Diners Club
        (309500, 309599, 14, 14),
        (340000, 349999, 15, 15), // American Express
        (352800, 358999, 16, 19), // JCB
        (360000, 369999, 14, 14), // Diners Club
        (370000, 379999, 15, 15), // American Express
        (380000, 399999, 14, 14), // Diners Club
        (400000, 499999, 16, 16), // Visa. Numbers of 13 digits are no longer issued, and look like article numbers.
        (400000, 499999, 19, 19),
        (501800, 501999, 12, 19), // Maestro, Dankort
        (502000, 502099, 12, 19),
        (503800, 503899, 12, 19),
        (506000, 509999, 16, 19), // Verve, Elo, RuPay
        (510000, 559999, 16, 16), // Mastercard
        (589300, 589399, 12, 19), // Maestro
        (601100, 601199, 16, 19), // Discover
        (606000, 608999, 16, 16), // RuPay, Hipercard
        (620000, 629999, 16, 19), // UnionPay
        (630400, 630499, 12, 19), // Maestro
        (636000, 636999, 16, 19), // InterPayment, Elo
        (644000, 659999, 16, 19), // Discover, RuPay, Elo
        (675900, 676999, 12, 19), // Maestro
        (810000, 829999, 16, 19), // UnionPay, RuPay
        (979200, 979299, 16, 16), // Troy
    ];

    public static bool Issues(ReadOnlySpan<char> digits)
    {
        var head = 0;
        foreach (var digit in digits[..6])
        {
            head = (head * 10) + digit - '0';
        }

        foreach (var (from, to, min, max) in Ranges)
        {
            if (head >= from && head <= to && digits.Length >= min && digits.Length <= max)
            {
                return true;
            }
        }

        return false;
    }
}
