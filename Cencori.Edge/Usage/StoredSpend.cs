using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Usage;

/// <summary>From the hourly sums for a project, from the records for a key: so far as they are written, and kept.</summary>
internal sealed class StoredSpend(IDbContextFactory<EdgeDbContext> contexts) : ISpendHistory
{
    public async Task<decimal> SpentAsync(string projectId, string? keyId, DateTimeOffset from)
    {
        await using var database = await contexts.CreateDbContextAsync();
        var hour = RollupKey.HourOf(from);
        var picodollars = keyId is null
            ? await database.UsageRollups.Where(row => row.ProjectId == projectId && row.Hour >= hour).SumAsync(row => row.Picodollars)
            : await OfKey(database, projectId, keyId, from).SingleAsync();
        return Picodollars.ToUsd(picodollars);
    }

    internal static IQueryable<long> OfKey(EdgeDbContext database, string projectId, string keyId, DateTimeOffset from) => database.Database.SqlQuery<long>(
        $"""
        SELECT CAST(COALESCE(SUM("Picodollars"), 0) AS BIGINT) AS "Value" FROM request_records
        WHERE "ProjectId" = {projectId} AND "KeyId" = {keyId} AND "StartedAt" >= {from.ToUnixTimeMilliseconds()}
        """);
}
