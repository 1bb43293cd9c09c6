namespace Cencori.Edge.Pricing;

/// <summary>
/// Money as budgets count it: whole billionths of a US dollar, which Redis and its scripts add exactly. Nobody is billed by them.
/// </summary>
internal static class Nanodollars
{
    /// <summary>Nine million dollars: up to here the numbers of a script are exact. More is as good as this.</summary>
    public const long Max = 9_000_000_000_000_000;

    private const decimal PerDollar = 1_000_000_000;

    /// <summary>To the nearest: what was paid.</summary>
    public static long From(decimal usd) => Clamp(decimal.Round(Bound(usd) * PerDollar));

    /// <summary>Rounded up: what may be paid.</summary>
    public static long AtMost(decimal usd) => Clamp(decimal.Ceiling(Bound(usd) * PerDollar));

    public static decimal ToUsd(long nanodollars) => nanodollars / PerDollar;

    private static decimal Bound(decimal usd) => Math.Clamp(usd, 0, Max / PerDollar);

    private static long Clamp(decimal nanodollars) => (long)Math.Clamp(nanodollars, 0, Max);
}
