using System.Globalization;

namespace Cencori.Edge.Pricing;

/// <summary>US dollars in a sentence.</summary>
internal static class Usd
{
    /// <summary>With as many digits as the amount has, so that what is small is never told as nothing.</summary>
    public static string Text(decimal usd) => usd.ToString("0.############################", CultureInfo.InvariantCulture) + " USD";
}
