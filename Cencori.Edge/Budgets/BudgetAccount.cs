using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>The budgets of one project, its keys and its agents in one month, at this edge.</summary>
/// <remarks>
/// With Redis a request waits for one round trip. The cost of an ended request is reported in the next request's call, or in a call of its own.
/// </remarks>
internal sealed partial class BudgetAccount : IRedisParticipant<SpendCall>
{
    private readonly string _projectId;
    private readonly SpendRecords _records;
    private readonly SharedSpend? _redis;
    private readonly CallCoalescer<SpendCall>? _calls;
    private readonly BudgetAlerts _alerts;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, BudgetScope> _scopes = new(StringComparer.Ordinal);
    private readonly Queue<BudgetRequest> _waiting = new();

    public BudgetAccount(string projectId, BillingMonth month, SpendRecords records, SharedSpend? redis, BudgetAlerts alerts)
    {
        _projectId = projectId;
        _records = records;
        _redis = redis;
        _calls = redis?.CallsOf(this, _lock, projectId);
        _alerts = alerts;
        Month = month;
    }

    public BillingMonth Month { get; }

    /// <summary>Reserves as the other overload does, for a request without an agent.</summary>
    public ValueTask<(BudgetRequest? Request, BudgetScope? RefusedBy)> ReserveAsync(Budget? ofProject, Budget? ofKey, string keyId, long amount) =>
        ReserveAsync(new ApplicableBudgets(ofProject, ofKey, keyId), amount);

    /// <summary>Reserves the amount in all of the budgets, or in none.</summary>
    /// <returns>
    /// The reservation, and the budget that refused; null: none did. If no budget refused, the caller must end the reservation. If one refused, nothing is
    /// reserved, and the reservation is null if that budget's spend so far is unknown.
    /// </returns>
    public async ValueTask<(BudgetRequest? Request, BudgetScope? RefusedBy)> ReserveAsync(ApplicableBudgets budgets, long amount)
    {
        var (request, refusedBy) = await DecideAsync(budgets, amount);
        return (request.IsUndecidable ? null : request, refusedBy);
    }

    /// <summary>Brings the spend of all edges to this edge, for costs that will be counted whether or not the budgets have room.</summary>
    /// <returns>The request whose <see cref="End"/> counts in each budget of known spend. The others will read the costs from the stored records.</returns>
    public async ValueTask<BudgetRequest> BeginCountAsync(Budget? ofProject, Budget? ofKey, string keyId)
    {
        var (request, _) = await DecideAsync(new ApplicableBudgets(ofProject, ofKey, keyId), 0);
        lock (_lock)
        {
            return new BudgetRequest(0, [.. request.Scopes.Where(scope => scope.IsKnown)]);
        }
    }

    private async ValueTask<(BudgetRequest Request, BudgetScope? RefusedBy)> DecideAsync(ApplicableBudgets budgets, long amount)
    {
        BudgetRequest request;
        lock (_lock)
        {
            var scopes = new List<BudgetScope>(2);
            if (budgets.OfProject is { } ofProject)
            {
                scopes.Add(Find(Budget.OfProject, ofProject));
            }

            if (budgets.OfKey is { } ofKey)
            {
                scopes.Add(Find(budgets.KeyId, ofKey));
            }

            if (budgets.OfAgent is { } ofAgent)
            {
                scopes.Add(Find(budgets.AgentId!, ofAgent));
            }

            request = new BudgetRequest(amount, scopes);
        }

        var isComplete = true;
        foreach (var scope in request.Scopes)
        {
            // The first read may be one that began before the budget was changed.
            while (scope.ReadForSetAt != scope.Budget.SetAt)
            {
                await ReadAsync(scope);
            }

            isComplete &= scope.IsKnown;
        }

        SpendCall? call;
        lock (_lock)
        {
            if (!isComplete)
            {
                request = new BudgetRequest(amount, [.. request.Scopes.Where(scope => scope.TakesPart)]);
            }

            if (_redis?.IsAvailable != true || request.Scopes.Count == 0)
            {
                return (request, request.DecideLocally());
            }

            _waiting.Enqueue(request);
            call = _calls?.Begin();
        }

        _calls?.Run(call);
        return (request, await request.Task);
    }

    public void End(BudgetRequest request, long spent, long released = 0)
    {
        SpendCall? call;
        lock (_lock)
        {
            request.End(spent, released);
            Alert(request.Scopes);
            call = _calls?.Begin();
        }

        _calls?.Run(call);
    }

    /// <summary>Counted and released spend known to this edge, in US dollars. Null: this edge has no state for the budget.</summary>
    public SpendSums? Sums(string keyId)
    {
        lock (_lock)
        {
            return _scopes.TryGetValue(keyId, out var scope) ? scope.Sums : null;
        }
    }

    /// <summary>Spend known to this edge, in nanodollars. Null: this edge has no state for the budget.</summary>
    public long? Spent(string keyId)
    {
        lock (_lock)
        {
            return _scopes.TryGetValue(keyId, out var scope) ? scope.Spent : null;
        }
    }

    /// <summary>Reports new spend to Redis, and renews the reservations of running requests.</summary>
    public void Renew()
    {
        SpendCall? call;
        lock (_lock)
        {
            foreach (var scope in _scopes.Values)
            {
                // Marks the reservations as unreported, so that the next call reports and thereby renews them.
                scope.InFlightReported = scope.InFlight > 0 ? 0 : scope.InFlightReported;
                if (scope.Reading.IsCompleted && scope.MustRead())
                {
                    _ = ReadAsync(scope);
                }
            }

            call = _calls?.Begin();
        }

        _calls?.Run(call);
    }

    /// <summary>Whether no reservation is open, and nothing is left to report to Redis.</summary>
    public bool IsIdle()
    {
        lock (_lock)
        {
            return _waiting.Count == 0 && _calls?.IsCalling != true && _scopes.Values.All(scope => scope.InFlight == 0 && (_redis is null || scope.IsReported));
        }
    }

    private BudgetScope Find(string keyId, Budget budget)
    {
        if (!_scopes.TryGetValue(keyId, out var scope))
        {
            return _scopes[keyId] = new BudgetScope(keyId) { Budget = budget };
        }

        if (budget.SetAt > scope.Budget.SetAt)
        {
            scope.Alerted.Clear();
        }

        // A request that began before a change of the budget brings the older setting, which must not replace the newer one.
        scope.Budget = budget.SetAt >= scope.Budget.SetAt ? budget : scope.Budget;
        return scope;
    }

    // One read runs at a time. Concurrent callers wait for the same read.
    private Task ReadAsync(BudgetScope scope)
    {
        lock (_lock)
        {
            return scope.Reading.IsCompleted ? scope.Reading = ReadOnceAsync(scope, scope.Budget.SetAt) : scope.Reading;
        }
    }

    private async Task ReadOnceAsync(BudgetScope scope, DateTimeOffset setAt)
    {
        var spent = await _records.ReadAsync(_projectId, scope.KeyId, Month);
        lock (_lock)
        {
            if (scope.ReadForSetAt != setAt)
            {
                scope.ScheduleReread();
            }

            scope.Learn(spent, setAt);
            Alert([scope]);
        }
    }

    private void Alert(IReadOnlyList<BudgetScope> scopes)
    {
        foreach (var scope in scopes)
        {
            _alerts.Consider(_projectId, scope, Month);
        }
    }
}
