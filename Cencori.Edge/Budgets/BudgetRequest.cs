namespace Cencori.Edge.Budgets;

/// <summary>A request for a reservation in one or more budgets.</summary>
/// <param name="amount">The highest possible cost, in nanodollars.</param>
/// <param name="scopes">The budgets that must admit the request.</param>
internal sealed class BudgetRequest(long amount, IReadOnlyList<BudgetScope> scopes)
    : TaskCompletionSource<BudgetScope?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public long Amount => amount;

    public IReadOnlyList<BudgetScope> Scopes => scopes;

    /// <summary>Whether the request was refused because the spend of a budget was unknown at that moment.</summary>
    public bool IsUndecidable { get; private set; }

    /// <summary>
    /// Reserves the amount in every budget or in none, without Redis. Returns the budget that refused; if several do, one of unknown spend. Null: every
    /// budget admitted the request.
    /// </summary>
    public BudgetScope? DecideLocally()
    {
        if (scopes.FirstOrDefault(scope => scope.IsUnknown) is { } unknown)
        {
            IsUndecidable = true;
            return unknown;
        }

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

    /// <summary>Refuses the request, because the spend of this budget is unknown.</summary>
    public void Refuse(BudgetScope unknown)
    {
        IsUndecidable = true;
        SetResult(unknown);
    }

    public void SetAside()
    {
        foreach (var scope in scopes)
        {
            scope.InFlight += amount;
        }
    }

    /// <summary>Ends the reservation.</summary>
    /// <param name="spent">The amount to add to the sum <see cref="BudgetScope.Counted"/>.</param>
    /// <param name="released">The amount to add to the sum <see cref="BudgetScope.Released"/>.</param>
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
