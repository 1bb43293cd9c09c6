namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Checks dates of birth inside national identity numbers.</summary>
internal static class BirthDate
{
    /// <summary>True when the day exists in the month, in any year.</summary>
    /// <param name="month">Two digits.</param>
    /// <param name="day">Two digits.</param>
    /// <param name="moreDays">Offset that some kinds of numbers add to the day.</param>
    /// <param name="moreMonths">Offset that some kinds of numbers add to the month, in full or half of it.</param>
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
