using Cencori.Edge.Pricing;

namespace Cencori.Edge.Tests.Pricing;

public class MoneyTests
{
    [Theory]
    [InlineData("1", 1_000_000_000, 1_000_000_000)]
    [InlineData("0.0000000014", 1, 2)]
    [InlineData("0.0000000015", 2, 2)]
    [InlineData("0.0000000001", 0, 1)]
    [InlineData("-1", 0, 0)]
    [InlineData("9000000", Nanodollars.Max, Nanodollars.Max)]
    [InlineData("79228162514264337593543950335", Nanodollars.Max, Nanodollars.Max)]
    public void Costs_are_rounded_to_nearest_and_reservations_are_rounded_up(string usd, long paid, long atMost)
    {
        var amount = decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((paid, atMost), (Nanodollars.From(amount), Nanodollars.RoundUp(amount)));
    }

    [Fact]
    public void A_billionth_is_converted_exactly() => Assert.Equal((1.5m, 0.000_000_001m), (Nanodollars.ToUsd(1_500_000_000), Nanodollars.ToUsd(1)));

    [Theory]
    [InlineData("0.00000125", "0.00000125 USD")]
    [InlineData("12.50", "12.5 USD")]
    [InlineData("3", "3 USD")]
    public void Amounts_are_printed_without_trailing_zeros(string usd, string text) =>
        Assert.Equal(text, Usd.Text(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void A_month_is_a_calendar_month_in_UTC()
    {
        var month = BillingMonth.Of(new DateTimeOffset(2027, 1, 1, 0, 30, 0, TimeSpan.FromHours(1)));
        Assert.Equal(("2026-12", 683), (month.ToString(), month.Number));
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), month.End);
        Assert.Equal(0, new BillingMonth(1970, 1).Number);
        Assert.Equal(month, BillingMonth.Find("2026-12"));
        Assert.Null(BillingMonth.Find("2026-13"));
        Assert.Null(BillingMonth.Find("12/2026"));
    }
}
