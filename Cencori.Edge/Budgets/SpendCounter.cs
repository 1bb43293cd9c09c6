using Cencori.Edge.Pricing;

namespace Cencori.Edge.Budgets;

/// <summary>What a counter says of one budget in one month.</summary>
/// <param name="Sums">What was counted and released.</param>
/// <param name="InFlight">Set aside for requests that run, in nanodollars.</param>
internal readonly record struct SpendCounter(SpendSums Sums, long InFlight)
{
    /// <summary>In nanodollars.</summary>
    public long Spent => Nanodollars.From(Sums.Spent);
}
