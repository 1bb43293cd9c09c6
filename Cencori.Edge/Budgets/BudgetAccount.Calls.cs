namespace Cencori.Edge.Budgets;

internal sealed partial class BudgetAccount
{
    // Under the lock.
    private void CallIfIdle()
    {
        if (redis?.IsAvailable == true && !_isCalling && NextCall() is { } call)
        {
            _isCalling = true;
            _ = CallAsync(redis, call);
        }
    }

    // Under the lock. Null: there is nothing to say.
    private SpendCall? NextCall()
    {
        var asks = new List<BudgetAsk>();
        var scopes = new List<BudgetScope>();
        while (asks.Count < SpendCall.MaxAsks && scopes.Count < SpendCall.MaxScopes - 1 && _waiting.TryDequeue(out var ask))
        {
            asks.Add(ask);
            scopes.AddRange(ask.Scopes.Except(scopes));
        }

        foreach (var scope in _scopes.Values)
        {
            if (scopes.Count < SpendCall.MaxScopes && !scope.IsTold && !scopes.Contains(scope))
            {
                scopes.Add(scope);
            }
        }

        return scopes.Count == 0 ? null : new SpendCall(scopes, asks);
    }

    private async Task CallAsync(SharedSpend shared, SpendCall first)
    {
        var call = first;
        try
        {
            while (await AskAsync(shared, call) is { } next)
            {
                call = next;
            }
        }
        catch (Exception exception)
        {
            shared.Lose(exception, projectId);
            GoOnAlone(call);
        }
    }

    // Returns what to say next; null: nothing, and nobody is calling any more.
    private async Task<SpendCall?> AskAsync(SharedSpend shared, SpendCall call)
    {
        var answer = await shared.AskAsync(call, projectId, month);
        BudgetScope? forgotten;
        lock (_lock)
        {
            forgotten = call.Take(answer);
            if (forgotten is null)
            {
                Alert([.. call.Asks.SelectMany(ask => ask.Scopes).Distinct()]);
                var next = NextCall();
                _isCalling = next is not null;
                return next;
            }

            forgotten.Generation = null;
        }

        await ReadAsync(forgotten);
        lock (_lock)
        {
            return call.Again();
        }
    }

    private void GoOnAlone(SpendCall call)
    {
        lock (_lock)
        {
            _isCalling = false;
            foreach (var ask in call.Asks.Concat(_waiting))
            {
                ask.TrySetResult(ask.DecideHere());
            }

            _waiting.Clear();
        }
    }
}
