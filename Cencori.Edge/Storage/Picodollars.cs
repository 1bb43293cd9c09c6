namespace Cencori.Edge.Storage;

/// <summary>
/// Money as it is stored: integers of 10⁻¹² US dollars. A price per million tokens with up to six decimals stays exact for every number of tokens.
/// </summary>
public static class Picodollars
{
    public const decimal PerDollar = 1_000_000_000_000;

    /// <inheritdoc cref="ToUsd(decimal, decimal)"/>
    public const long Part = 1_000_000;

    // No response costs that much. The bound keeps sums in range even with a mistyped price.
    private const decimal MaxUsd = 1_000_000;

    /// <summary>Clamped to 0 to one million dollars.</summary>
    public static long FromUsd(decimal usd) => (long)decimal.Round(Math.Clamp(usd, 0, MaxUsd) * PerDollar);

    public static decimal ToUsd(long picodollars) => picodollars / PerDollar;

    /// <summary>
    /// Joins a sum that the database computed in two parts: whole <see cref="Part"/>s and remainders. One sum could overflow its integers: one
    /// database would fail, another continue with a rounded number.
    /// </summary>
    public static decimal ToUsd(decimal parts, decimal rests) => ((parts * Part) + rests) / PerDollar;

    /// <summary>Saturates at the largest value instead of overflowing.</summary>
    public static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
