namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>What a month will come to, if its days are like the last ones.</summary>
/// <param name="Days">Whole days that it is made of, the last seven at most.</param>
/// <param name="Mean">What a day of them cost.</param>
/// <param name="Expected">The month, at that pace.</param>
/// <param name="Lowest">If every day left were like the cheapest.</param>
/// <param name="Highest">If every day left were like the dearest.</param>
/// <param name="ReachedOn">When the budget is used up at that pace; null: not in this month, or there is none.</param>
public sealed record BudgetForecast(int Days, decimal Mean, decimal Expected, decimal Lowest, decimal Highest, DateTimeOffset? ReachedOn)
{
    /// <summary>Fewer say nothing.</summary>
    private const int FewestDays = 3;

    /// <param name="lastDays">What whole days cost, oldest first; those before the first request are left out.</param>
    /// <param name="spent">This month so far.</param>
    /// <param name="budget">Null: there is none.</param>
    /// <param name="now">UTC.</param>
    /// <returns>Null: too little is known.</returns>
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
        if (budget is { } most && mean > 0 && spent < most && (most - spent) / mean < left)
        {
            var day = now.AddDays((double)((most - spent) / mean));
            reached = day < end ? day : null;
        }

        return new(lastDays.Count, mean, spent + (mean * left), spent + (lastDays.Min() * left), spent + (lastDays.Max() * left), reached);
    }
}
