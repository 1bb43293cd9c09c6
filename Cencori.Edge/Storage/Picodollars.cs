namespace Cencori.Edge.Storage;

/// <summary>
/// Money as it is stored: whole millionths of a millionth of a US dollar. A price per million tokens with up to six decimals stays
/// exact for every number of tokens.
/// </summary>
public static class Picodollars
{
    public const decimal PerDollar = 1_000_000_000_000;

    // No answer costs as much; with a mistyped price sums must still fit.
    private const decimal MaxUsd = 1_000_000;

    /// <summary>Bounded by 0 and a million dollars.</summary>
    public static long FromUsd(decimal usd) => (long)decimal.Round(Math.Clamp(usd, 0, MaxUsd) * PerDollar);

    public static decimal ToUsd(long picodollars) => picodollars / PerDollar;

    /// <summary>A sum that would not fit stays at the largest that does.</summary>
    public static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
