namespace Cencori.Edge.Budgets;

/// <summary>Reads spend from the stored records.</summary>
public interface ISpendHistory
{
    /// <summary>The stored spend between two moments. Records that are not written yet are missing.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="keyId">The key or agent. Null: all keys of the project together.</param>
    /// <param name="from">The start of a month, UTC.</param>
    /// <param name="until">The end of a month, UTC.</param>
    Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until);
}

/// <summary>Two sums that only rise: if several edges know different values, the largest is the latest. In US dollars.</summary>
/// <param name="Counted">Costs of requests, and reservations for background work.</param>
/// <param name="Released">The reservations in <paramref name="Counted"/> whose background work has ended.</param>
public readonly record struct SpendSums(decimal Counted, decimal Released)
{
    public decimal Spent => Math.Max(0, Counted - Released);
}

/// <summary>An empty history, for the reservations that an edge makes at its start to compile the code.</summary>
internal sealed class NoSpendHistory : ISpendHistory
{
    public Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until) => Task.FromResult(default(SpendSums));
}
