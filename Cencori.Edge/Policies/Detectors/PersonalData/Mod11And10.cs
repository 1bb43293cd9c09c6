namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>The check digit of ISO 7064 mod 11,10.</summary>
internal static class Mod11And10
{
    public static bool IsValid(ReadOnlySpan<char> digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (digit - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return (11 - product) % 10 == digits[^1] - '0';
    }
}
