using System.Globalization;

namespace Cencori.Edge.Pricing;

/// <summary>Formats US dollars for messages.</summary>
internal static class Usd
{
    /// <summary>Prints all digits, so that a small amount never shows as 0.</summary>
    public static string Text(decimal usd) => usd.ToString("0.############################", CultureInfo.InvariantCulture) + " USD";
}
