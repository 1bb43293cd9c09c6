namespace Cencori.Edge.Budgets;

/// <summary>What it tells of itself.</summary>
internal sealed partial class BudgetAccount
{
    /// <summary>Tells Redis, and hears from it, all that there is now; nothing where it is away.</summary>
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

            // For nothing, so that there is nothing to end.
            requests = [.. _scopes.Values.Select(scope => new BudgetRequest(0, [scope]))];
            requests.ForEach(_waiting.Enqueue);
            call = _calls?.Begin();
        }

        _calls?.Run(call);
        await Task.WhenAll(requests.Select(request => request.Task));
    }

    /// <summary>What this edge holds of a budget.</summary>
    /// <param name="keyId">Whose.</param>
    /// <param name="setAt">When the budget was set.</param>
    /// <param name="isOfBefore">It has been counted for what was set before, and nothing has been asked for since.</param>
    /// <returns>Null: nothing.</returns>
    public SpendCounter? Held(string keyId, DateTimeOffset setAt, out bool isOfBefore)
    {
        lock (_lock)
        {
            var scope = _scopes.GetValueOrDefault(keyId);
            isOfBefore = scope is not null && scope.ReadFor != setAt;
            return scope is null || isOfBefore || !scope.IsKnown ? null : new SpendCounter(scope.Sums, scope.InFlight);
        }
    }
}
