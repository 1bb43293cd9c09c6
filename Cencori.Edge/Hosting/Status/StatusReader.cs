using Cencori.Edge.Pricing;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Hosting.Status;

/// <summary>Reads the data of the status page.</summary>
internal sealed class StatusReader(
    HealthCheckService health, EdgeHeartbeat edges, ReloadTimes reloads, Prices prices, SecretSealer sealer, RecordMeters meters, IDatabaseSystem system, IConfiguration configuration,
    IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    private const int MaxUnpriced = 20;

    private static readonly TimeSpan UnpricedPeriod = TimeSpan.FromDays(1);

    /// <param name="forOwners">True: includes the parts that only owners may see.</param>
    /// <param name="cancellation">Cancels the read.</param>
    public async Task<StatusModel> ReadAsync(bool forOwners, CancellationToken cancellation)
    {
        var report = await health.CheckHealthAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return new(
            [.. report.Entries.Select(check => new CheckView(HealthText.Label(check.Key), HealthText.Explain(check.Key, check.Value.Description!, HealthResults.ReasonOf(check.Value)), check.Value.Status))],
            await edges.ListAsync(cancellation),
            system is PostgresSystem ? "PostgreSQL" : "SQLite",
            meters.Dropped,
            reloads.AppliedAt,
            reloads.RefusedAt,
            prices.NewestAsOf,
            forOwners ? await UnpricedAsync(database, cancellation) : [],
            forOwners ? new(sealer.SealKeyId, await UnknownSealsAsync(database, cancellation)) : null,
            forOwners ? EffectiveSettings.Of(configuration) : []);
    }

    private async Task<List<UnpricedView>> UnpricedAsync(EdgeDbContext database, CancellationToken cancellation)
    {
        var firstHour = RollupKey.HourOf(time.GetUtcNow() - UnpricedPeriod);
        return await database.UsageRollups.Where(row => row.Hour >= firstHour && row.Unpriced > 0 && row.Model != "")
            .GroupBy(row => new { row.Provider, row.Model })
            .Select(group => new { group.Key.Provider, group.Key.Model, Requests = group.Sum(row => row.Unpriced) })
            .OrderByDescending(row => row.Requests).ThenBy(row => row.Model).Take(MaxUnpriced)
            .Select(row => new UnpricedView(row.Provider, row.Model, row.Requests)).ToListAsync(cancellation);
    }

    // Returns the ids of master keys that sealed a credential but that this edge does not have. Master keys that sealed only the data protection keys
    // are not included, because data protection keys are renewed automatically.
    private async Task<List<string>> UnknownSealsAsync(EdgeDbContext database, CancellationToken cancellation)
    {
        var ids = await database.ProviderKeys.Select(row => row.SealKeyId).Distinct().ToListAsync(cancellation);
        return [.. ids.Where(id => !sealer.HasKey(id)).Order(StringComparer.Ordinal)];
    }
}
