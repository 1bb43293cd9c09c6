namespace Cencori.Edge.Storage;

/// <summary>
/// Converts money to and from its stored form, integers of 10⁻¹² US dollars. A price per million tokens with up to six decimals stays exact for any
/// number of tokens.
/// </summary>
public static class Picodollars
{
    public const decimal PerDollar = 1_000_000_000_000;

    /// <summary>The database splits each amount into whole parts of this many picodollars and a remainder, and sums parts and remainders separately; see
    /// <see cref="ToUsd(decimal, decimal)"/>.</summary>
    public const long Part = 1_000_000;

    // Upper limit of one amount. No response costs that much. The limit keeps sums in range even with a mistyped price.
    private const decimal MaxUsd = 1_000_000;

    /// <summary>Converts US dollars. Amounts below 0 become 0, amounts above one million become one million.</summary>
    public static long FromUsd(decimal usd) => (long)decimal.Round(Math.Clamp(usd, 0, MaxUsd) * PerDollar);

    public static decimal ToUsd(long picodollars) => picodollars / PerDollar;

    /// <summary>
    /// Converts a sum that the database computed in two parts: whole <see cref="Part"/>s and remainders. A single sum could overflow the database's integers:
    /// one database system would fail, another would return a rounded number.
    /// </summary>
    public static decimal ToUsd(decimal parts, decimal rests) => ((parts * Part) + rests) / PerDollar;

    /// <summary>Adds two amounts. A sum that would overflow becomes the largest value.</summary>
    public static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
