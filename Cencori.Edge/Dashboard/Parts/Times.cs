using System.Globalization;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>Formats times for pages.</summary>
public static class Times
{
    /// <summary>Formats a local time. Omits the date when it is today, and the year when it is the current year.</summary>
    public static string Text(DateTimeOffset local, DateTimeOffset now, bool isPrecise = false)
    {
        var day = local.Date == now.Date ? "" : local.Year == now.Year ? "MMM d, " : "MMM d yyyy, ";
        return local.ToString(day + (isPrecise ? "HH:mm:ss" : "HH:mm"), CultureInfo.InvariantCulture);
    }
}
