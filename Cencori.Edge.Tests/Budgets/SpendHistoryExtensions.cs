using Cencori.Edge.Budgets;

namespace Cencori.Edge.Tests.Budgets;

internal static class SpendHistoryExtensions
{
    /// <summary>
    /// The spend in US dollars, including the reservations of background work that still runs. Default of <paramref name="until"/>: the end of the month
    /// that begins at <paramref name="from"/>.
    /// </summary>
    /// <inheritdoc cref="ISpendHistory.ReadAsync"/>
    public static async Task<decimal> SpentAsync(this ISpendHistory history, string projectId, string? keyId, DateTimeOffset from, DateTimeOffset? until = null) =>
        (await history.ReadAsync(projectId, keyId, from, until ?? from.AddMonths(1))).Spent;
}
