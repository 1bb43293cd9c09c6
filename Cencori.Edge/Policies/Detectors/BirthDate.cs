namespace Cencori.Edge.Policies.Detectors;

/// <summary>Dates of birth within national numbers.</summary>
internal static class BirthDate
{
    /// <summary>A day of a month, of any year.</summary>
    /// <param name="month">Two digits.</param>
    /// <param name="day">Two digits.</param>
    /// <param name="moreDays">Added to the days of some.</param>
    /// <param name="moreMonths">Added, whole or by half, to the months of some.</param>
    public static bool Is(ReadOnlySpan<char> month, ReadOnlySpan<char> day, int moreDays = 0, int moreMonths = 0)
    {
        var (ofYear, ofMonth) = (Number.Of(month), Number.Of(day));
        if (moreDays > 0 && ofMonth > moreDays)
        {
            ofMonth -= moreDays;
        }

        if (moreMonths > 0 && ofYear > moreMonths / 2)
        {
            ofYear -= ofYear > moreMonths ? moreMonths : moreMonths / 2;
        }

        return ofYear is >= 1 and <= 12 && ofMonth >= 1 && ofMonth <= DateTime.DaysInMonth(2000, (int)ofYear);
    }
}
