using Cencori.Edge.Pricing;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Budgets;

/// <summary>From the hourly sums for a project, from the monthly ones for a key: so far as they are written, and kept.</summary>
internal sealed class StoredSpend(IDbContextFactory<EdgeDbContext> contexts) : ISpendHistory
{
    public async Task<decimal> SpentAsync(string projectId, string? keyId, DateTimeOffset from)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var hour = RollupKey.HourOf(from);
        var month = BillingMonth.Of(from).Number;
        var picodollars = keyId is null
            ? await database.UsageRollups.Where(row => row.ProjectId == projectId && row.Hour >= hour).SumAsync(row => row.Picodollars)
            : await database.KeySpend.Where(row => row.ProjectId == projectId && row.KeyId == keyId && row.Month >= month).SumAsync(row => row.Picodollars);
        return Picodollars.ToUsd(picodollars);
    }
}
