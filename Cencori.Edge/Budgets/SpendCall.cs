using Cencori.Edge.Pricing;
using StackExchange.Redis;

namespace Cencori.Edge.Budgets;

/// <summary>One call of <see cref="SpendScript"/> for one account. Made, and its answer taken, under the account's lock.</summary>
internal sealed class SpendCall
{
    /// <summary>Asks in one call at most.</summary>
    public const int MaxAsks = 500;

    /// <summary>Budgets in one call at most, as each is a bit.</summary>
    public const int MaxScopes = 30;

    private const long None = -1;
    private const long Unknown = -2;

    private readonly IReadOnlyList<BudgetScope> _scopes;
    private readonly long[] _counted;
    private readonly long[] _released;
    private readonly long[] _inFlight;
    private readonly int[] _news;
    private readonly bool[] _isUnknown;

    public SpendCall(IReadOnlyList<BudgetScope> scopes, IReadOnlyList<BudgetAsk> asks)
    {
        _scopes = scopes;
        Asks = asks;
        _counted = [.. scopes.Select(scope => scope.Counted.Own)];
        _released = [.. scopes.Select(scope => scope.Released.Own)];
        _inFlight = [.. scopes.Select(scope => scope.InFlight)];
        _news = [.. scopes.Select(scope => scope.News)];
        _isUnknown = [.. scopes.Select(scope => scope.IsUnknown)];
        Arguments = Write();
    }

    public IReadOnlyList<BudgetAsk> Asks { get; }

    /// <summary>After the edge, its silence and the lifetime.</summary>
    public RedisValue[] Arguments { get; }

    public RedisKey[] Keys(string projectId, BillingMonth month) => [.. _scopes.Select(scope => SharedSpend.KeyOf(projectId, month, scope.KeyId))];

    /// <summary>The same, with what has changed since.</summary>
    public SpendCall Again() => new(_scopes, Asks);

    /// <summary>The budget of which Redis remembers nothing, or something else than this edge; null: the answer has been taken.</summary>
    public BudgetScope? Take(long[] answer)
    {
        if (answer[0] == 0)
        {
            return _scopes[(int)answer[1] - 1];
        }

        var at = 1;
        for (var i = 0; i < _scopes.Count; i++)
        {
            var scope = _scopes[i];
            scope.Generation = answer[at++].ToString(System.Globalization.CultureInfo.InvariantCulture);
            scope.Counted.Hear(answer[at++], _counted[i]);
            scope.Released.Hear(answer[at++], _released[i]);
            scope.InFlightTold = _inFlight[i];
            scope.NewsTold = _news[i];
            scope.IsKnown |= _isUnknown[i];
        }

        foreach (var ask in Asks)
        {
            var refusedBy = answer[at++];
            if (refusedBy == 0)
            {
                ask.SetAside();
                foreach (var scope in ask.Scopes)
                {
                    scope.InFlightTold += ask.Amount;
                }
            }

            ask.SetResult(refusedBy == 0 ? null : _scopes[(int)refusedBy - 1]);
        }

        return null;
    }

    private RedisValue[] Write()
    {
        var values = new List<RedisValue>((9 * _scopes.Count) + 1 + (2 * Asks.Count));
        foreach (var scope in _scopes)
        {
            values.Add(scope.Generation ?? RedisValue.EmptyString);
            foreach (var sum in (ReadOnlySpan<RisingSum>)[scope.Counted, scope.Released])
            {
                values.Add(scope.IsUnknown ? Unknown : scope.HasNews ? sum.Now : None);
                values.Add(sum.OwnInTotal);
                values.Add(sum.Own);
            }

            values.Add(scope.InFlight);
            values.Add(scope.Cap ?? None);
        }

        values.Add(Asks.Count);
        foreach (var ask in Asks)
        {
            values.Add(ask.Amount);
            values.Add(ask.Scopes.Sum(scope => 1L << IndexOf(scope)));
        }

        return [.. values];
    }

    private int IndexOf(BudgetScope wanted)
    {
        var index = 0;
        while (_scopes[index] != wanted)
        {
            index++;
        }

        return index;
    }
}
