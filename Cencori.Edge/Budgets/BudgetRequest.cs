namespace Cencori.Edge.Budgets;

/// <summary>A request for a reservation in one or more budgets.</summary>
/// <param name="amount">The highest possible cost, in nanodollars.</param>
/// <param name="scopes">The budgets that must admit it.</param>
internal sealed class BudgetRequest(long amount, IReadOnlyList<BudgetScope> scopes)
    : TaskCompletionSource<BudgetScope?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Amount => amount;

    public IReadOnlyList<BudgetScope> Scopes => scopes;

    /// <summary>Reserves the amount in every budget, without Redis. Null: every budget admitted it. Else the budget that refused.</summary>
    public BudgetScope? DecideLocally()
    {
        foreach (var scope in scopes)
        {
            if (!scope.Admits(amount))
            {
                return scope;
            }
        }

        SetAside();
        return null;
    }

    public void SetAside()
    {
        foreach (var scope in scopes)
        {
            scope.InFlight += amount;
        }
    }

    /// <summary>Ends the reservation.</summary>
    /// <param name="spent">The cost.</param>
    /// <param name="released">An amount counted earlier for the same work, which is replaced.</param>
    public void End(long spent, long released)
    {
        foreach (var scope in scopes)
        {
            scope.InFlight -= amount;
            scope.Counted.Add(spent);
            scope.Released.Add(released);
        }
    }
}
