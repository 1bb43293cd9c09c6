namespace Cencori.Edge.Pricing;

/// <summary>
/// Amounts as budgets count them: whole billionths of a US dollar, which Redis and its scripts add exactly. Costs in records are rounded to this unit too.
/// </summary>
internal static class Nanodollars
{
    /// <summary>Nine million dollars: numbers in a Lua script are exact up to this amount. Larger amounts are clamped.</summary>
    public const long Max = 9_000_000_000_000_000;

    private const decimal PerDollar = 1_000_000_000;

    /// <summary>Rounds to the nearest nanodollar. For the costs of completed requests.</summary>
    public static long From(decimal usd) => Clamp(decimal.Round(Bound(usd) * PerDollar));

    /// <summary>Rounds up to a nanodollar. For amounts that are reserved in a budget before a request is sent.</summary>
    public static long RoundUp(decimal usd) => Clamp(decimal.Ceiling(Bound(usd) * PerDollar));

    public static decimal ToUsd(long nanodollars) => nanodollars / PerDollar;

    private static decimal Bound(decimal usd) => Math.Clamp(usd, 0, Max / PerDollar);

    private static long Clamp(decimal nanodollars) => (long)Math.Clamp(nanodollars, 0, Max);
}
