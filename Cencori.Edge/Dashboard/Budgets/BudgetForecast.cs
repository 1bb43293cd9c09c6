namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>Forecast of a month's spend from the last days.</summary>
/// <param name="Days">Number of whole days in the average, at most seven.</param>
/// <param name="Mean">Average spend per day.</param>
/// <param name="Expected">Expected spend of the month at the average rate.</param>
/// <param name="Lowest">The month's spend if every remaining day costs as much as the cheapest day.</param>
/// <param name="Highest">The month's spend if every remaining day costs as much as the most expensive day.</param>
/// <param name="ReachedOn">When the budget is used up at the average rate; null: not this month, or there is no budget.</param>
public sealed record BudgetForecast(int Days, decimal Mean, decimal Expected, decimal Lowest, decimal Highest, DateTimeOffset? ReachedOn)
{
    /// <summary>Minimum number of whole days. Fewer days give no useful forecast.</summary>
    private const int FewestDays = 3;

    /// <param name="lastDays">Spend of whole days, oldest first, without the days before the first request.</param>
    /// <param name="spent">Spend of this month so far.</param>
    /// <param name="budget">The monthly budget; null: there is no budget.</param>
    /// <param name="now">The current time, UTC.</param>
    /// <returns>Null: there are too few days for a forecast.</returns>
    public static BudgetForecast? Of(IReadOnlyList<decimal> lastDays, decimal spent, decimal? budget, DateTimeOffset now)
    {
        if (lastDays.Count < FewestDays)
        {
            return null;
        }

        var end = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1);
        var left = (decimal)(end - now).TotalDays;
        var mean = lastDays.Sum() / lastDays.Count;
        DateTimeOffset? reached = null;
        if (budget is { } max && mean > 0 && spent < max && (max - spent) / mean < left)
        {
            var day = now.AddDays((double)((max - spent) / mean));
            reached = day < end ? day : null;
        }

        return new(lastDays.Count, mean, spent + (mean * left), spent + (lastDays.Min() * left), spent + (lastDays.Max() * left), reached);
    }
}
