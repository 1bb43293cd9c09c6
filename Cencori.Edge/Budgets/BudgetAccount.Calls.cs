using Cencori.Edge.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>Calls to Redis and their replies.</summary>
internal sealed partial class BudgetAccount
{
    // The call to repeat after a read of the stored spend, because Redis had lost a budget. Null: none.
    private SpendCall? _callToRepeat;

    SpendCall? IRedisParticipant<SpendCall>.NextCall()
    {
        if (_callToRepeat is { } call)
        {
            _callToRepeat = null;
            return call.Recreate();
        }

        var requests = new List<BudgetRequest>();
        var scopes = new List<BudgetScope>();
        while (requests.Count < SpendCall.MaxRequests && scopes.Count < SpendCall.MaxScopes - 1 && _waiting.TryDequeue(out var request))
        {
            requests.Add(request);
            scopes.AddRange(request.Scopes.Except(scopes));
        }

        foreach (var scope in _scopes.Values)
        {
            // Sums that lack what the records have would count as the whole spend on other edges.
            var mayBeReported = scope.IsKnown || !scope.MustReread;
            if (scopes.Count < SpendCall.MaxScopes && !scope.IsReported && mayBeReported && !scopes.Contains(scope))
            {
                scopes.Add(scope);
            }
        }

        return scopes.Count == 0 ? null : new SpendCall(scopes, requests);
    }

    Task<long[]> IRedisParticipant<SpendCall>.SendAsync(SpendCall call) => _redis!.SendAsync(call, _projectId, Month);

    Task? IRedisParticipant<SpendCall>.Take(SpendCall call, long[] reply, long sentAt)
    {
        if (call.Take(reply) is { } lostScope)
        {
            lostScope.Generation = null;
            if (lostScope.IsUnknown && lostScope.MustReread)
            {
                // The spend is not in Redis, and the stored records could not be read.
                Refuse(call.Requests, lostScope);
                return null;
            }

            lostScope.ScheduleReread();
            _callToRepeat = call;
            return ReadAsync(lostScope);
        }

        Alert([.. call.Requests.SelectMany(request => request.Scopes).Distinct()]);
        return null;
    }

    void IRedisParticipant<SpendCall>.Abandon(SpendCall call)
    {
        _callToRepeat = null;
        DecideLocally(call.Requests);
    }

    void IRedisParticipant<SpendCall>.DecideWaitingLocally()
    {
        DecideLocally(_callToRepeat?.Requests ?? []);
        _callToRepeat = null;
        DecideLocally(_waiting);
        _waiting.Clear();
    }

    private void Refuse(IReadOnlyList<BudgetRequest> requests, BudgetScope unknown)
    {
        foreach (var request in requests)
        {
            if (request.Scopes.Contains(unknown))
            {
                request.Refuse(unknown);
            }
            else
            {
                _waiting.Enqueue(request);
            }
        }
    }

    private static void DecideLocally(IEnumerable<BudgetRequest> requests)
    {
        // If a reply was malformed, some requests of its call may be decided already.
        foreach (var request in requests.Where(request => !request.Task.IsCompleted))
        {
            request.SetResult(request.DecideLocally());
        }
    }
}
