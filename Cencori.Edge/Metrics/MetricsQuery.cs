using System.Runtime.InteropServices;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Adds up a project's usage in a period. Whole hours come from the roll-up tables. Of the first hour, only the part
/// after the start of the period is added; see <see cref="UsagePeriods"/>.
/// </summary>
public sealed class MetricsQuery(IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer)
{
    /// <summary>Adds up all requests that this edge recorded before the call, and the requests that other edges have already written to the database.</summary>
    /// <returns>The sums by provider and model.</returns>
    public async Task<Dictionary<(string Provider, string Model), UsageSums>> RunAsync(
        string projectId, KeyEnvironment environment, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);

        // The current hour is added as a whole, because it contains no requests later than now.
        var found = new Dictionary<(string, string), UsageSums>();
        await new UsagePeriods(connection, new UsageScope(projectId, environment), RollupTable.Hours) { IsByDay = true, IsByModel = true }.AddAsync(
            start,
            RollupKey.StartOf(RollupKey.HourOf(end) + 1),
            (hour, cell) => CollectionsMarshal.GetValueRefOrAddDefault(found, (cell.Kind, cell.Name), out _) ??= new UsageSums(),
            cancellation);
        return found;
    }
}
