using Cencori.Edge.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>What it says to Redis, and what it hears.</summary>
internal sealed partial class BudgetAccount
{
    // Redis had forgotten a budget of it; it is called again with what the stored records say.
    private SpendCall? _again;

    SpendCall? IRedisParty<SpendCall>.NextCall()
    {
        if (_again is { } call)
        {
            _again = null;
            return call.Again();
        }

        var asks = new List<BudgetAsk>();
        var scopes = new List<BudgetScope>();
        while (asks.Count < SpendCall.MaxAsks && scopes.Count < SpendCall.MaxScopes - 1 && _waiting.TryDequeue(out var ask))
        {
            asks.Add(ask);
            scopes.AddRange(ask.Scopes.Except(scopes));
        }

        foreach (var scope in _scopes.Values)
        {
            if (scopes.Count < SpendCall.MaxScopes && !scope.IsTold && !(scope.IsUnknown && scope.MustReadAgain) && !scopes.Contains(scope))
            {
                scopes.Add(scope);
            }
        }

        return scopes.Count == 0 ? null : new SpendCall(scopes, asks);
    }

    Task<long[]> IRedisParty<SpendCall>.SendAsync(SpendCall call) => _redis!.SendAsync(call, _projectId, Month);

    Task? IRedisParty<SpendCall>.Take(SpendCall call, long[] answer, long askedAt)
    {
        if (call.Take(answer) is { } forgotten)
        {
            forgotten.Generation = null;
            if (forgotten.IsUnknown && forgotten.MustReadAgain)
            {
                // Neither Redis nor the records can say.
                Refuse(call.Asks, forgotten);
                return null;
            }

            forgotten.Doubt();
            _again = call;
            return ReadAsync(forgotten);
        }

        Alert([.. call.Asks.SelectMany(ask => ask.Scopes).Distinct()]);
        return null;
    }

    void IRedisParty<SpendCall>.Lose(SpendCall call)
    {
        _again = null;
        DecideAlone(call.Asks);
    }

    void IRedisParty<SpendCall>.DecideWaitingAlone()
    {
        DecideAlone(_again?.Asks ?? []);
        _again = null;
        DecideAlone(_waiting);
        _waiting.Clear();
    }

    private void Refuse(IReadOnlyList<BudgetAsk> asks, BudgetScope unknown)
    {
        foreach (var ask in asks)
        {
            if (ask.Scopes.Contains(unknown))
            {
                ask.SetResult(unknown);
            }
            else
            {
                _waiting.Enqueue(ask);
            }
        }
    }

    private static void DecideAlone(IEnumerable<BudgetAsk> asks)
    {
        // An answer that makes no sense may have decided some.
        foreach (var ask in asks.Where(ask => !ask.Task.IsCompleted))
        {
            ask.SetResult(ask.DecideHere());
        }
    }
}
