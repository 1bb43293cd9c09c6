namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Checks whether the digits in a national identity number can be a date of birth.</summary>
internal static class BirthDate
{
    /// <summary>True when the day exists in the month, in any year.</summary>
    /// <param name="month">Two digits.</param>
    /// <param name="day">Two digits.</param>
    /// <param name="moreDays">Offset that some kinds of numbers add to the day. 0: no offset.</param>
    /// <param name="moreMonths">Offset that some kinds of numbers add to the month. Half of the offset is accepted too. 0: no offset.</param>
    public static bool Is(ReadOnlySpan<char> month, ReadOnlySpan<char> day, int moreDays = 0, int moreMonths = 0)
    {
        var (monthNumber, dayNumber) = (Number.Of(month), Number.Of(day));
        if (moreDays > 0 && dayNumber > moreDays)
        {
            dayNumber -= moreDays;
        }

        if (moreMonths > 0 && monthNumber > moreMonths / 2)
        {
            monthNumber -= monthNumber > moreMonths ? moreMonths : moreMonths / 2;
        }

        return monthNumber is >= 1 and <= 12 && dayNumber >= 1 && dayNumber <= DateTime.DaysInMonth(2000, (int)monthNumber);
    }
}
