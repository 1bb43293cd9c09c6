namespace Cencori.Edge.Budgets;

/// <summary>Reads the state of the budgets for display.</summary>
internal sealed partial class BudgetAccount
{
    /// <summary>Reports the counters of this edge to Redis, and reads those of all edges. Does nothing if Redis is unavailable.</summary>
    public async Task RefreshAsync()
    {
        List<BudgetRequest> requests;
        SpendCall? call;
        lock (_lock)
        {
            if (_redis?.IsAvailable != true)
            {
                return;
            }

            // A request for the amount 0 reserves nothing, so no reservation has to be ended.
            requests = [.. _scopes.Values.Where(scope => scope.TakesPart).Select(scope => new BudgetRequest(0, [scope]))];
            requests.ForEach(_waiting.Enqueue);
            call = _calls?.Begin();
        }

        _calls?.Run(call);
        await Task.WhenAll(requests.Select(request => request.Task));
    }

    /// <summary>The spend that this edge knows for a budget.</summary>
    /// <param name="keyId">The key or agent of the budget. Empty: the whole project.</param>
    /// <param name="setAt">When the budget was set.</param>
    /// <param name="isOutdated">True: the state was read for an earlier setting of the budget, and no request has come since the change.</param>
    /// <returns>The spend and the reservations. Null: unknown.</returns>
    public SpendCounter? KnownSpend(string keyId, DateTimeOffset setAt, out bool isOutdated)
    {
        lock (_lock)
        {
            var scope = _scopes.GetValueOrDefault(keyId);
            isOutdated = scope is not null && scope.ReadForSetAt != setAt;
            return scope is null || isOutdated || !scope.IsKnown ? null : new SpendCounter(scope.Sums, scope.InFlight);
        }
    }
}
