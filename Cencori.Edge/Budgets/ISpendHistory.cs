namespace Cencori.Edge.Budgets;

/// <summary>What the stored records say has been spent.</summary>
public interface ISpendHistory
{
    /// <summary>In US dollars, between two moments, so far as it has been written down.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="keyId">Null: all keys of the project together.</param>
    /// <param name="from">The beginning of a month, UTC.</param>
    /// <param name="until">The end of one.</param>
    Task<decimal> SpentAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until);
}

/// <summary>Nothing is written down: of a project that there is not.</summary>
internal sealed class NoSpendHistory : ISpendHistory
{
    public Task<decimal> SpentAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until) => Task.FromResult(0m);
}
