using System.Data.Common;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Finds, in the tables of sums, the hours in which there is anything that a filter lets through, so that a search for what is rare need
/// not go through the others.
/// </summary>
internal static class LogHours
{
    private const long Length = 3_600_000;

    /// <param name="connection">On which it is asked.</param>
    /// <param name="projectId">Whose.</param>
    /// <param name="filter">Its times do not matter here.</param>
    /// <param name="from">The first moment that matters, in milliseconds since 1970.</param>
    /// <param name="before">The first that does not.</param>
    /// <param name="known">The hour from which on there are sums of everything.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Stretches of time, the oldest first. Null: the sums do not tell.</returns>
    public static async Task<List<(long From, long Before)>?> FindAsync(
        DbConnection connection, string projectId, LogFilter filter, long from, long before, long known, CancellationToken cancellation)
    {
        var counted = Counted(filter);
        var isOfModel = filter.Providers.Count + filter.ServedModels.Count > 0 || filter.Environment is not null || counted.Length > 0;
        if (!isOfModel && filter.Keys.Count + filter.Agents.Count == 0)
        {
            return null;
        }

        var (first, last) = (Math.Max(known, from / Length), (before - 1) / Length);
        HashSet<long>? hours = null;
        if (isOfModel)
        {
            hours = await ReadAsync(connection, first, last, command => Models(projectId, filter, counted, command), cancellation);
        }

        foreach (var (kind, callers) in new[] { (RollupKey.KeyKind, filter.Keys), (RollupKey.AgentKind, filter.Agents) })
        {
            if (callers.Count > 0)
            {
                var ofCallers = await ReadAsync(connection, first, last, command => Callers(projectId, filter, kind, callers, counted, command), cancellation);
                hours?.IntersectWith(ofCallers);
                hours ??= ofCallers;
            }
        }

        var found = new List<(long From, long Before)>();
        if (from < first * Length)
        {
            found.Add((from, Math.Min(before, first * Length)));
        }

        foreach (var hour in hours!.Order())
        {
            var (start, end) = (Math.Max(from, hour * Length), Math.Min(before, (hour + 1) * Length));
            if (found.Count > 0 && found[^1].Before == start)
            {
                found[^1] = (found[^1].From, end);
            }
            else
            {
                found.Add((start, end));
            }
        }

        return found;
    }

    private static async Task<HashSet<long>> ReadAsync(DbConnection connection, long first, long last, Func<DbCommand, string> sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql(command);
        command.Add("first", first);
        command.Add("last", last);
        var hours = new HashSet<long>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            hours.Add(reader.GetInt64(0));
        }

        return hours;
    }

    private static string Models(string projectId, LogFilter filter, string counted, DbCommand command)
    {
        // A model that was one too many in its hour stands there under another name.
        IReadOnlyList<string> models = filter.ServedModels.Count == 0 ? [] : [.. filter.ServedModels, RollupKey.OtherModels];
        var scope = new UsageScope(projectId, filter.Environment) { Kinds = filter.Providers, Names = models };
        return $"SELECT DISTINCT \"Hour\" FROM usage_rollups WHERE {scope.OfSums(RollupTable.Hours, command)} AND \"Hour\" BETWEEN @first AND @last{counted}";
    }

    // Of an hour of which callers were not counted in full, by an edge that did not know how, nobody can say who is in it.
    private static string Callers(string projectId, LogFilter filter, string kind, IReadOnlyList<string> callers, string counted, DbCommand command)
    {
        var scope = new UsageScope(projectId, filter.Environment) { Kinds = [kind], Names = [.. callers, RollupKey.OtherModels] };
        const string All = "\"ProjectId\" = @project AND \"Environment\" IN (0, 1)";
        return
            $"""
            SELECT h."Hour" FROM (SELECT "Hour", SUM("Requests") AS "All" FROM usage_rollups WHERE {All} AND "Hour" BETWEEN @first AND @last GROUP BY "Hour") AS h
            WHERE h."Hour" IN (SELECT "Hour" FROM caller_rollups WHERE {scope.OfSums(RollupTable.Callers, command)} AND "Hour" BETWEEN @first AND @last{counted})
            OR h."All" <> COALESCE((SELECT SUM(c."Requests") FROM caller_rollups AS c WHERE {All} AND c."Hour" = h."Hour" AND c."Kind" = '{RollupKey.AgentKind}'), 0)
            """;
    }

    private static string Counted(LogFilter filter)
    {
        var statuses = filter.Statuses.Select(status => status.MayBeCounted).ToList();
        return (statuses.Count == 0 || statuses.Contains(null) ? "" : $" AND ({string.Join(" OR ", statuses)})")
            + (filter.Errors.Count > 0 ? " AND \"Requests\" > \"Success\"" : "")
            + (filter.IsUnpriced ? " AND \"Unpriced\" > 0" : "");
    }
}
