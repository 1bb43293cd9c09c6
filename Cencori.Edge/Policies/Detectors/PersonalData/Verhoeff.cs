namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>The Verhoeff check digit, based on the symmetries of a pentagon.</summary>
internal static class Verhoeff
{
    private static ReadOnlySpan<byte> Order => [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        var check = 0;
        for (var at = digits.Length - 1; at >= 0; at--)
        {
            var digit = digits[at] - '0';
            for (var times = (digits.Length - 1 - at) % 8; times > 0; times--)
            {
                digit = Order[digit];
            }

            check = Turn(check, digit);
        }

        return check == 0;
    }

    // Combines two symmetries of a pentagon. Values below 5 are rotations, the others are reflections.
    private static int Turn(int first, int then) => (first < 5, then < 5) switch
    {
        (true, true) => (first + then) % 5,
        (true, false) => 5 + ((first + then - 5) % 5),
        (false, true) => 5 + ((first - 5 - then + 5) % 5),
        (false, false) => (first - then + 5) % 5,
    };
}
