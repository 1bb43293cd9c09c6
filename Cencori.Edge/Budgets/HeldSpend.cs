namespace Cencori.Edge.Budgets;

/// <summary>What a counter says of one budget in one month, in nanodollars.</summary>
/// <param name="Spent">Settled.</param>
/// <param name="InFlight">Set aside for requests that run.</param>
internal readonly record struct HeldSpend(long Spent, long InFlight);
