using System.Globalization;

namespace Cencori.Edge.Pricing;

/// <summary>A calendar month in UTC.</summary>
internal readonly record struct BillingMonth(int Year, int Month)
{
    /// <summary>Number of months since January 1970.</summary>
    public int Number => ((Year - DateTimeOffset.UnixEpoch.Year) * 12) + Month - 1;

    public DateTimeOffset Start => new(Year, Month, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first moment of the next month.</summary>
    public DateTimeOffset End => Start.AddMonths(1);

    /// <summary>Parses the format of <see cref="ToString"/>. Null: another format.</summary>
    public static BillingMonth? Find(string text) =>
        DateTime.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start) ? new BillingMonth(start.Year, start.Month) : null;

    public static BillingMonth Of(DateTimeOffset time) => new(time.UtcDateTime.Year, time.UtcDateTime.Month);

    /// <summary>Formats the month as <c>2026-11</c>.</summary>
    public override string ToString() => Start.ToString("yyyy-MM", CultureInfo.InvariantCulture);
}
