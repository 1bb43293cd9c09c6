using System.Globalization;

namespace Cencori.Edge.Dashboard.Parts;

/// <summary>How pages write times.</summary>
public static class Times
{
    /// <summary>The day is left out where it is today's, and the year where it is this one.</summary>
    public static string Text(DateTimeOffset local, DateTimeOffset now, bool isPrecise = false)
    {
        var day = local.Date == now.Date ? "" : local.Year == now.Year ? "MMM d, " : "MMM d yyyy, ";
        return local.ToString(day + (isPrecise ? "HH:mm:ss" : "HH:mm"), CultureInfo.InvariantCulture);
    }
}
