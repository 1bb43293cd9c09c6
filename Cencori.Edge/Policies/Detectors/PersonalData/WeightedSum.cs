namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Weighted digit sums, the base of most national check digits.</summary>
internal static class WeightedSum
{
    public static int Of(ReadOnlySpan<char> digits, ReadOnlySpan<byte> weights)
    {
        var sum = 0;
        for (var at = 0; at < weights.Length; at++)
        {
            sum += (digits[at] - '0') * weights[at];
        }

        return sum;
    }

    /// <summary>Checks a mod 11 check digit after the weighted digits: 11 minus the remainder. A result of 10 is never valid.</summary>
    public static bool EndsInMod11(ReadOnlySpan<char> digits, ReadOnlySpan<byte> weights) => (11 - (Of(digits, weights) % 11)) % 11 == digits[weights.Length] - '0';
}
