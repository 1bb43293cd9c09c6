using System.Data.Common;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Finds the periods (hours or days) that may contain matches of a filter, in the roll-up tables.</summary>
internal sealed class LogSums(DbConnection connection, string projectId, LogFilter filter)
{
    private readonly string _counted = Counted(filter);

    /// <summary>False: the roll-ups have no data for the conditions of this filter.</summary>
    public bool HasData => IsOfModel || filter.Keys.Count + filter.Agents.Count > 0;

    private bool IsOfModel => filter.Providers.Count + filter.ServedModels.Count > 0 || filter.Environment is not null || _counted.Length > 0;

    /// <param name="isOfDays">True: the periods are days, for which daily roll-ups must exist. False: the periods are hours.</param>
    /// <param name="first">First period.</param>
    /// <param name="last">Last period.</param>
    /// <param name="cancellation">Cancels the read.</param>
    /// <returns>Numbers of the periods, oldest first.</returns>
    public async Task<IEnumerable<long>> FindAsync(bool isOfDays, long first, long last, CancellationToken cancellation)
    {
        var (models, callers) = isOfDays ? (RollupTable.Days, RollupTable.CallerDays) : (RollupTable.Hours, RollupTable.Callers);
        HashSet<long>? found = null, uncounted = null;
        if (IsOfModel)
        {
            // An hour counts only a limited number of models by name. The rest is counted under the name OtherModels.
            IReadOnlyList<string> names = filter.ServedModels.Count == 0 ? [] : [.. filter.ServedModels, RollupKey.OtherModels];
            found = await ReadAsync(models, new UsageScope(projectId, filter.Environment) { Kinds = filter.Providers, Names = names }, first, last, cancellation);
        }

        foreach (var (kind, ids) in new[] { (RollupKey.KeyKind, filter.Keys), (RollupKey.AgentKind, filter.Agents) })
        {
            if (ids.Count > 0 && found is not { Count: 0 })
            {
                var scope = new UsageScope(projectId, filter.Environment) { Kinds = [kind], Names = [.. ids, RollupKey.OtherModels] };
                var ofCallers = await ReadAsync(callers, scope, first, last, cancellation);
                ofCallers.UnionWith(uncounted ??= await UncountedAsync(models, callers, first, last, cancellation));
                found?.IntersectWith(ofCallers);
                found ??= ofCallers;
            }
        }

        return found!.Order();
    }

    private async Task<HashSet<long>> ReadAsync(RollupTable table, UsageScope scope, long first, long last, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT DISTINCT {table.Period} FROM {table.Name} WHERE {scope.OfSums(table, command)} AND {table.Period} BETWEEN @first AND @last{_counted}";
        command.Add("first", first);
        command.Add("last", last);
        var periods = new HashSet<long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            periods.Add(reader.GetInt64(0));
        }

        return periods;
    }

    // Finds periods whose roll-ups by caller are incomplete, because an older edge version wrote them. Such a period may have matches.
    // The check uses agents instead of keys, because both give the same result and there are few agents.
    private async Task<HashSet<long>> UncountedAsync(RollupTable models, RollupTable callers, long first, long last, CancellationToken cancellation)
    {
        var all = await RequestsAsync(models, new UsageScope(projectId, null), first, last, cancellation);
        var counted = await RequestsAsync(callers, new UsageScope(projectId, null) { Kinds = [RollupKey.AgentKind] }, first, last, cancellation);
        return [.. all.Where(period => counted.GetValueOrDefault(period.Key) != period.Value).Select(period => period.Key)];
    }

    private async Task<Dictionary<long, long>> RequestsAsync(RollupTable table, UsageScope scope, long first, long last, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT {table.Period}, CAST(SUM(\"Requests\") AS BIGINT) FROM {table.Name} WHERE {scope.OfSums(table, command)} AND {table.Period} BETWEEN @first AND @last GROUP BY {table.Period}";
        command.Add("first", first);
        command.Add("last", last);
        var requests = new Dictionary<long, long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            requests[reader.GetInt64(0)] = reader.GetInt64(1);
        }

        return requests;
    }

    private static string Counted(LogFilter filter)
    {
        var statuses = filter.Statuses.Select(status => status.MayBeCounted).ToList();
        return (statuses.Count == 0 || statuses.Contains(null) ? "" : $" AND ({string.Join(" OR ", statuses)})")
            + (filter.Errors.Count > 0 ? " AND \"Requests\" > \"Success\"" : "")
            + (filter.IsUnpriced ? " AND \"Unpriced\" > 0" : "");
    }
}
