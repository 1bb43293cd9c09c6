namespace Cencori.Edge.Budgets;

/// <summary>What the stored records say has been spent.</summary>
public interface ISpendHistory
{
    /// <summary>In US dollars, from that moment to now, so far as it has been written down.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="keyId">Null: all keys of the project together.</param>
    /// <param name="from">The beginning of a month, UTC.</param>
    Task<decimal> SpentAsync(string projectId, string? keyId, DateTimeOffset from);
}

/// <summary>Nothing is written down: of a project that there is not.</summary>
internal sealed class NoSpendHistory : ISpendHistory
{
    public Task<decimal> SpentAsync(string projectId, string? keyId, DateTimeOffset from) => Task.FromResult(0m);
}
