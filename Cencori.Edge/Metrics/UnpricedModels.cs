using Cencori.Edge.Pricing;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Metrics;

/// <summary>A model that was used without a known price.</summary>
/// <param name="Provider">The provider's id in yarp.json.</param>
/// <param name="Model">The model as sent to the provider.</param>
/// <param name="Requests">Number of requests with unknown cost.</param>
/// <param name="LastSeen">The hour in which the last of these requests began.</param>
public sealed record UnpricedModel(string Provider, string Model, long Requests, DateTimeOffset LastSeen);

/// <summary>Finds models that a project uses without a price, from the hourly sums.</summary>
public sealed class UnpricedModels(IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, TimeProvider time)
{
    /// <summary>Length of the period that is searched; it ends now.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    // Maximum number of models in the result: callers can invent any number of model names.
    private const int MaxModels = 500;

    private static readonly KeyEnvironment[] Environments = Enum.GetValues<KeyEnvironment>();

    /// <summary>Number of this month's requests with unknown cost, of all keys. Requests that are not yet in the hourly sums are missing.</summary>
    public async Task<long> CountAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        var connection = database.Database.GetDbConnection();
        var firstHour = RollupKey.HourOf(BillingMonth.Of(time.GetUtcNow()).Start);
        var spans = await UsageSpan.SplitAsync(connection, projectId, RollupTable.Hours, firstHour, long.MaxValue, cancellation);
        await using var command = connection.CreateCommand();
        var where = new UsageScope(projectId, null).OfSums(RollupTable.Hours, command) + " AND \"Unpriced\" > 0 AND \"Model\" <> ''";
        command.CommandText = $"SELECT CAST(COALESCE(SUM(\"Unpriced\"), 0) AS BIGINT) FROM ({UsageSpan.Rows(spans, "\"Unpriced\"", where)}) AS counted";
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The models without a price, most used first; at most 500.</summary>
    public async Task<List<UnpricedModel>> ListAsync(string projectId, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var firstHour = RollupKey.HourOf(time.GetUtcNow() - Period);

        // The condition names both environments, so that the query can use the table's key, in which the environment comes before the hour. Rows without a
        // model are excluded, because their requests only read stored objects.
        var models = await database.UsageRollups
            .Where(row => row.ProjectId == projectId && Environments.Contains(row.Environment) && row.Hour >= firstHour && row.Unpriced > 0 && row.Model != "")
            .GroupBy(row => new { row.Provider, row.Model })
            .Select(group => new { group.Key.Provider, group.Key.Model, Requests = group.Sum(row => row.Unpriced), LastHour = group.Max(row => row.Hour) })
            .OrderByDescending(model => model.Requests).ThenBy(model => model.Provider).ThenBy(model => model.Model)
            .Take(MaxModels)
            .ToListAsync(cancellation);
        return models.ConvertAll(model => new UnpricedModel(model.Provider, model.Model, model.Requests, RollupKey.StartOf(model.LastHour)));
    }
}
