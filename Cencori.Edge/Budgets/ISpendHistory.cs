namespace Cencori.Edge.Budgets;

/// <summary>What the stored records say has been spent.</summary>
public interface ISpendHistory
{
    /// <summary>Between two moments, so far as it has been written down.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="keyId">Null: all keys of the project together.</param>
    /// <param name="from">The beginning of a month, UTC.</param>
    /// <param name="until">The end of one.</param>
    Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until);
}

/// <summary>Two sums that only rise, so that of several that know them at different times the largest is the latest. In US dollars.</summary>
/// <param name="Counted">What requests have cost, and what was set aside for work that is paid for later.</param>
/// <param name="Released">What was set aside for that and is over.</param>
public readonly record struct SpendSums(decimal Counted, decimal Released)
{
    public decimal Spent => Math.Max(0, Counted - Released);
}

public static class SpendHistoryExtensions
{
    /// <summary>What has been spent, with what is set aside for work that goes on, in US dollars.</summary>
    /// <inheritdoc cref="ISpendHistory.ReadAsync"/>
    public static async Task<decimal> SpentAsync(this ISpendHistory history, string projectId, string? keyId, DateTimeOffset from, DateTimeOffset? until = null) =>
        (await history.ReadAsync(projectId, keyId, from, until ?? from.AddMonths(1))).Spent;
}

/// <summary>Nothing is written down: of a project that there is not.</summary>
internal sealed class NoSpendHistory : ISpendHistory
{
    public Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until) => Task.FromResult(default(SpendSums));
}
