using Cencori.Edge.Pricing;
using StackExchange.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>One call of <see cref="SpendScript"/> for one account. Hold the account's lock to create the call and to process its reply.</summary>
internal sealed class SpendCall
{
    /// <summary>Maximum number of requests in one call.</summary>
    public const int MaxRequests = 500;

    /// <summary>Maximum number of budgets in one call: each budget is one bit of a number.</summary>
    public const int MaxScopes = 30;

    private const long None = -1;
    private const long Unknown = -2;

    private readonly IReadOnlyList<BudgetScope> _scopes;
    private readonly long[] _counted;
    private readonly long[] _released;
    private readonly long[] _inFlight;
    private readonly int[] _revisions;
    private readonly bool[] _isUnknown;

    public SpendCall(IReadOnlyList<BudgetScope> scopes, IReadOnlyList<BudgetRequest> requests)
    {
        _scopes = scopes;
        Requests = requests;
        _counted = [.. scopes.Select(scope => scope.Counted.Own)];
        _released = [.. scopes.Select(scope => scope.Released.Own)];
        _inFlight = [.. scopes.Select(scope => scope.InFlight)];
        _revisions = [.. scopes.Select(scope => scope.Revision)];
        _isUnknown = [.. scopes.Select(scope => scope.IsUnknown)];
        Arguments = Write();
    }

    public IReadOnlyList<BudgetRequest> Requests { get; }

    /// <summary>
    /// The arguments that follow the three that every call has: the edge's id, <see cref="SharedSpend.Silence"/>, and the lifetime of the
    /// hashes.
    /// </summary>
    public RedisValue[] Arguments { get; }

    public RedisKey[] Keys(string projectId, BillingMonth month) => [.. _scopes.Select(scope => SharedSpend.KeyOf(projectId, month, scope.KeyId))];

    /// <summary>Creates a call for the same budgets and requests, with the current state of the budgets.</summary>
    public SpendCall Recreate() => new(_scopes, Requests);

    /// <summary>Processes the reply. Returns the budget that Redis has lost, or that has another generation in Redis. Null: the reply is processed.</summary>
    public BudgetScope? Take(long[] reply)
    {
        if (reply[0] == 0)
        {
            return _scopes[(int)reply[1] - 1];
        }

        var at = 1;
        for (var i = 0; i < _scopes.Count; i++)
        {
            var scope = _scopes[i];
            scope.Generation = reply[at++].ToString(System.Globalization.CultureInfo.InvariantCulture);
            scope.Counted.Merge(reply[at++], _counted[i]);
            scope.Released.Merge(reply[at++], _released[i]);
            scope.InFlightReported = _inFlight[i];
            scope.RevisionReported = _revisions[i];
            scope.IsKnown |= _isUnknown[i];
        }

        foreach (var request in Requests)
        {
            var refusedBy = reply[at++];
            if (refusedBy == 0)
            {
                request.SetAside();
                foreach (var scope in request.Scopes)
                {
                    scope.InFlightReported += request.Amount;
                }
            }

            request.SetResult(refusedBy == 0 ? null : _scopes[(int)refusedBy - 1]);
        }

        return null;
    }

    private RedisValue[] Write()
    {
        var values = new List<RedisValue>((9 * _scopes.Count) + 1 + (2 * Requests.Count));
        foreach (var scope in _scopes)
        {
            values.Add(scope.Generation ?? RedisValue.EmptyString);
            foreach (var sum in (ReadOnlySpan<GrowOnlyCounter>)[scope.Counted, scope.Released])
            {
                values.Add(scope.IsUnknown ? Unknown : scope.HasPendingChanges ? sum.Now : None);
                values.Add(sum.OwnInTotal);
                values.Add(sum.Own);
            }

            values.Add(scope.InFlight);
            values.Add(scope.Cap ?? None);
        }

        values.Add(Requests.Count);
        foreach (var request in Requests)
        {
            values.Add(request.Amount);
            values.Add(request.Scopes.Sum(scope => 1L << IndexOf(scope)));
        }

        return [.. values];
    }

    private int IndexOf(BudgetScope scope)
    {
        var index = 0;
        while (_scopes[index] != scope)
        {
            index++;
        }

        return index;
    }
}
