namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>The Luhn check digit of cards and some national numbers: from right to left, every second digit is doubled. The last digit is not.</summary>
internal static class Luhn
{
    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var at = digits.Length - 1; at >= 0; at--)
        {
            var digit = digits[at] - '0';
            sum += (digits.Length - at) % 2 == 1 ? digit : (digit * 2 / 10) + (digit * 2 % 10);
        }

        return sum % 10 == 0;
    }
}
