using Cencori.Edge.Pricing;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Budgets;

/// <summary>
/// Reads spend from the hourly sums of a project, or the monthly sums of a key. Sums that are not written yet, or no longer stored, are missing.
/// Adds the reservations of background work that is still running.
/// </summary>
internal sealed class StoredSpend(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time) : ISpendHistory
{
    private static readonly TimeSpan PropagationDelay = TimeSpan.FromMinutes(1);

    public async Task<SpendSums> ReadAsync(string projectId, string? keyId, DateTimeOffset from, DateTimeOffset until)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var (hour, nextHour) = (RollupKey.HourOf(from), RollupKey.HourOf(until));
        var (month, nextMonth) = (BillingMonth.Of(from).Number, BillingMonth.Of(until).Number);
        var costs = keyId is null
            ? database.UsageRollups.Where(row => row.ProjectId == projectId && row.Hour >= hour && row.Hour < nextHour).Select(row => row.Picodollars)
            : database.KeySpend.Where(row => row.ProjectId == projectId && row.KeyId == keyId && row.Month >= month && row.Month < nextMonth).Select(row => row.Picodollars);
        var owned = database.OwnedObjects.Where(row =>
            row.ProjectId == projectId && row.CreatedAt >= from && row.CreatedAt < until && row.Picodollars != null && (keyId == null || row.KeyId == keyId));

        // The cost of closed work is recorded a moment after the work is closed, and other edges read the change a moment later. Until then the
        // work is treated as open: the spend is too high for a short time, and never too low.
        var settledBefore = time.GetUtcNow() - PropagationDelay;
        var released = await SumAsync(owned.Where(row => row.ClosedAt != null && row.ClosedAt < settledBefore).Select(row => row.Picodollars!.Value));
        return new(await SumAsync(costs) + await SumAsync(owned.Select(row => row.Picodollars!.Value)), released);
    }

    private static async Task<decimal> SumAsync(IQueryable<long> costs)
    {
        var sums = await costs.GroupBy(_ => 1).Select(all => new { Parts = all.Sum(cost => cost / Picodollars.Part), Rests = all.Sum(cost => cost % Picodollars.Part) }).SingleOrDefaultAsync();
        return sums is null ? 0 : Picodollars.ToUsd(sums.Parts, sums.Rests);
    }
}
