namespace Cencori.Edge.Policies.Detectors;

/// <summary>Sums of digits, each times the weight of its place, as most check digits of states are made.</summary>
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

    /// <summary>A mod 11 check digit after as many digits as there are weights: 11 less the rest, and no digit for 10.</summary>
    public static bool EndsInMod11(ReadOnlySpan<char> digits, ReadOnlySpan<byte> weights) => (11 - (Of(digits, weights) % 11)) % 11 == digits[weights.Length] - '0';
}
