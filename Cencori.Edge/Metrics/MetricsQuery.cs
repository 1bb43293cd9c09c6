using System.Runtime.InteropServices;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Adds up what a project has used in a period. Whole hours come from the roll-ups. The hour in which the period begins counts only
/// from that moment on; see <see cref="UsagePeriods"/>.
/// </summary>
public sealed class MetricsQuery(IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer)
{
    /// <summary>What this edge was told before the call is in it; what others were told, as far as they have written it.</summary>
    /// <returns>By provider and model.</returns>
    public async Task<Dictionary<(string Provider, string Model), UsageSums>> RunAsync(
        string projectId, KeyEnvironment environment, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var connection = database.Database.GetDbConnection();
        await connection.OpenAsync(cancellation);

        // What was begun in the hour of the end counts to the last.
        var found = new Dictionary<(string, string), UsageSums>();
        await new UsagePeriods(connection, new UsageScope(projectId, environment), RollupTable.Hours) { IsByDay = true, IsByModel = true }.AddAsync(
            start,
            RollupKey.StartOf(RollupKey.HourOf(end) + 1),
            (hour, cell) => CollectionsMarshal.GetValueRefOrAddDefault(found, (cell.Kind, cell.Name), out _) ??= new UsageSums(),
            cancellation);
        return found;
    }
}
