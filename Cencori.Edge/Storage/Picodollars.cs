namespace Cencori.Edge.Storage;

/// <summary>
/// Money as it is stored: whole millionths of a millionth of a US dollar. A price per million tokens with up to six decimals stays
/// exact for every number of tokens.
/// </summary>
public static class Picodollars
{
    public const decimal PerDollar = 1_000_000_000_000;

    /// <inheritdoc cref="ToUsd(decimal, decimal)"/>
    public const long Part = 1_000_000;

    // No response costs as much; with a mistyped price sums must still fit.
    private const decimal MaxUsd = 1_000_000;

    /// <summary>Bounded by 0 and a million dollars.</summary>
    public static long FromUsd(decimal usd) => (long)decimal.Round(Math.Clamp(usd, 0, MaxUsd) * PerDollar);

    public static decimal ToUsd(long picodollars) => picodollars / PerDollar;

    /// <summary>
    /// Of a sum that a database has made in two parts, of whole <see cref="Part"/>s and of the rests, so that none is too large for it: it
    /// would refuse, or go on with a rounded number.
    /// </summary>
    public static decimal ToUsd(decimal parts, decimal rests) => ((parts * Part) + rests) / PerDollar;

    /// <summary>A sum that would not fit stays at the largest that does.</summary>
    public static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
