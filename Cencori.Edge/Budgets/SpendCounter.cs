using Cencori.Edge.Pricing;

namespace Cencori.Edge.Budgets;

/// <summary>The counters of one budget in one month.</summary>
/// <param name="Sums">Counted and released spend.</param>
/// <param name="InFlight">Reserved for running requests, in nanodollars.</param>
internal readonly record struct SpendCounter(SpendSums Sums, long InFlight)
{
    /// <summary>Spend in nanodollars.</summary>
    public long Spent => Nanodollars.From(Sums.Spent);
}
