using Cencori.Edge.Pricing;

namespace Cencori.Edge.Budgets;

public sealed partial class BudgetLedger
{
    /// <summary>Null: there is none.</summary>
    internal bool? IsRedisAvailable => _redis?.IsAvailable;

    /// <summary>Makes the counters of this edge and of Redis know what the other knows.</summary>
    internal Task RefreshAsync(string projectId, BillingMonth month) =>
        _accounts.TryGetValue((projectId, month), out var account) ? account.RefreshAsync() : Task.CompletedTask;

    /// <summary>What the counters of a budget say, of this edge and of Redis. Null: that one does not hold it.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="month">When.</param>
    /// <param name="keyId">Empty: the whole project's.</param>
    /// <param name="setAt">When the budget was set.</param>
    internal async Task<(SpendCounter? Edge, SpendCounter? Redis)> HeldAsync(string projectId, BillingMonth month, string keyId, DateTimeOffset setAt)
    {
        var isOfBefore = false;
        var edge = _accounts.TryGetValue((projectId, month), out var account) ? account.Held(keyId, setAt, out isOfBefore) : null;
        return (edge, _redis is { IsAvailable: true } && !isOfBefore ? await _redis.ReadAsync(projectId, month, keyId) : null);
    }
}
