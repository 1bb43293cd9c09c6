namespace Cencori.Edge.Policies.Detectors.PersonalData;

/// <summary>Parses digits as a number.</summary>
internal static class Number
{
    public static long Of(ReadOnlySpan<char> digits)
    {
        var number = 0L;
        foreach (var digit in digits)
        {
            number = (number * 10) + digit - '0';
        }

        return number;
    }
}
