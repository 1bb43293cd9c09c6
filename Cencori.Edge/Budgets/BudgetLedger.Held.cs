using Cencori.Edge.Pricing;

namespace Cencori.Edge.Budgets;

public sealed partial class BudgetLedger
{
    /// <summary>Whether Redis is available. Null: Redis is not configured.</summary>
    internal bool? IsRedisAvailable => _redis?.IsAvailable;

    /// <summary>Reports the counters of this edge to Redis, and reads those of all edges. Does nothing if Redis is unavailable.</summary>
    internal Task RefreshAsync(string projectId, BillingMonth month) =>
        _accounts.TryGetValue((projectId, month), out var account) ? account.RefreshAsync() : Task.CompletedTask;

    /// <summary>Returns the counters of a budget on this edge and in Redis. Each is null when it is unknown.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="month">The month.</param>
    /// <param name="keyId">The key or agent of the budget. Empty: the whole project.</param>
    /// <param name="setAt">When the budget was set.</param>
    internal async Task<(SpendCounter? Edge, SpendCounter? Redis)> ReadCountersAsync(string projectId, BillingMonth month, string keyId, DateTimeOffset setAt)
    {
        var isOutdated = false;
        var edge = _accounts.TryGetValue((projectId, month), out var account) ? account.KnownSpend(keyId, setAt, out isOutdated) : null;
        return (edge, _redis is { IsAvailable: true } && !isOutdated ? await _redis.ReadAsync(projectId, month, keyId) : null);
    }
}
