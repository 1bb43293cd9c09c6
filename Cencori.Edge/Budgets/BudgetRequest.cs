namespace Cencori.Edge.Budgets;

/// <summary>A request that wants to spend.</summary>
/// <param name="amount">At most, in nanodollars.</param>
/// <param name="scopes">The budgets that it is up to.</param>
internal sealed class BudgetRequest(long amount, IReadOnlyList<BudgetScope> scopes)
    : TaskCompletionSource<BudgetScope?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Amount => amount;

    public IReadOnlyList<BudgetScope> Scopes => scopes;

    /// <summary>Null: all admit it, and it has been set aside. Else the budget that refuses it.</summary>
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

    /// <summary>The request has ended.</summary>
    /// <param name="spent">What it cost.</param>
    /// <param name="released">What was counted for it before, and counts no more.</param>
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
