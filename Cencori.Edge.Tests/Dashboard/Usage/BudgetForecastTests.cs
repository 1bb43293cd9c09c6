using Cencori.Edge.Dashboard.Budgets;
using CsCheck;

namespace Cencori.Edge.Tests.Dashboard.Usage;

public sealed class BudgetForecastTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Ten_remaining_days_cost_ten_times_the_mean()
    {
        var forecast = BudgetForecast.Of([1, 2, 3], spent: 40, budget: 50, Now)!;

        Assert.Equal((3, 2m, 60m, 50m, 70m), (forecast.Days, forecast.Mean, forecast.Expected, forecast.Lowest, forecast.Highest));
        Assert.Equal(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero), forecast.ReachedOn);
    }

    [Theory]
    [InlineData(40, null)]
    [InlineData(40, 1_000)]
    [InlineData(40, 40)]
    public void A_missing_unreached_or_used_up_budget_has_no_day_of_exhaustion(int spent, int? budget) =>
        Assert.Null(BudgetForecast.Of([1, 2, 3], spent, budget, Now)!.ReachedOn);

    [Fact]
    public void Two_days_give_no_forecast() => Assert.Null(BudgetForecast.Of([1, 2], 40, 50, Now));

    [Fact]
    public void The_forecast_is_within_its_range_and_at_least_the_current_spend() =>
        Gen.Select(Gen.Int[0, 100_000].Array[3, 7], Gen.Int[0, 1_000_000], Gen.Int[100, 1_000_000], Gen.Int[0, 60_000]).Sample((cents, spentCents, budgetCents, minutes) =>
        {
            var (days, spent, budget) = (Array.ConvertAll(cents, cent => cent / 100m), spentCents / 100m, budgetCents / 100m);
            var now = Now.AddMinutes(minutes % (10 * 24 * 60));
            var forecast = BudgetForecast.Of(days, spent, budget, now)!;
            Assert.InRange(forecast.Expected, forecast.Lowest - 0.0001m, forecast.Highest + 0.0001m);
            Assert.True(forecast.Lowest >= spent);
            Assert.True(forecast.ReachedOn is not { } day || (day >= now && day.Month == now.Month));
        });
}
