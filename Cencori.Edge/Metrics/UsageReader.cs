using System.Data.Common;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Reads usage for pages from the roll-up tables, with the same meaning as <c>/v1/metrics</c>. Combinations of filter and group without a roll-up, such as one key's
/// use of one model, are counted from the records. If there are too many records, only the newest are counted.
/// </summary>
public sealed class UsageReader(ReadDatabase database, ThrottledFlush flush, TimeProvider time)
{
    // Maximum number of points of a series: a person cannot distinguish more.
    private const int MaxPoints = 3_000;

    // Extra groups that are kept beyond the requested number. The ranking uses whole hours, but the range may begin or end within an hour.
    private const int MoreNames = 10;

    /// <exception cref="DatabaseBusyException">The database is busy. Another attempt may succeed.</exception>
    public async Task<UsageResult> ReadAsync(UsageQuery query, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        var now = time.GetUtcNow();
        var to = query.To > query.From ? query.To : query.From.AddTicks(1);
        return await database.ReadAsync(
            async connection => await ReadAsync(
                connection, query with { To = to }, new UsageChart(await StepOfAsync(connection, query, to, now, cancellation), query.From, to), now, cancellation), cancellation);
    }

    /// <summary>True: a roll-up table has the query's combination of filters and group. False: records would be counted.</summary>
    public static bool HasRollup(UsageQuery query) => UsageSource.Of(query, UsageStep.Hour) is not null;

    private static async Task<UsageResult> ReadAsync(DbConnection connection, UsageQuery query, UsageChart chart, DateTimeOffset now, CancellationToken cancellation)
    {
        var result = new UsageResult
        {
            Query = query,
            AsOf = now,
            Step = chart.Step,
            Starts = chart.Starts,
            Total = null!,
            Groups = null!,
        };
        if (UsageSource.Of(query, chart.Step) is not { } source)
        {
            var begins = await UsageRecords.AddAsync(connection, query, chart, cancellation);
            return Finish(result with { IsFromRecords = true, Begins = begins }, chart, whole: null);
        }

        DateTimeOffset? to = query.To < now ? query.To : null;
        var isOfAll = source.Table == RollupTable.Callers && source.Scope.Names.Count == 0;
        var all = new UsageChart(chart.Step, query.From, query.To);
        var isByDay = chart.Step == UsageStep.Day;
        var periods = new UsagePeriods(connection, source.Scope with { Kinds = [] }, RollupTable.Hours) { IsByDay = isByDay };
        if (isOfAll)
        {
            await periods.AddAsync(query.From, to, (hour, _) => all.At("", RollupKey.StartOf(hour)), cancellation);
        }

        chart.Named = await NamesAsync(connection, query, source, isByDay, cancellation);
        var length = source.Table == RollupTable.Minutes ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(1);
        await new UsagePeriods(connection, source.Scope, source.Table, periods.Parts) { IsByDay = isByDay, IsByModel = query.Group == UsageGroup.Model }.AddAsync(
            query.From, to, (period, cell) => chart.At(source.GroupOf(cell), DateTimeOffset.UnixEpoch + (length * period)), cancellation);
        if (source.Table == RollupTable.Callers && !isOfAll)
        {
            result = result with { Begins = await FirstOfCallersAsync(connection, query, cancellation) };
        }

        return Finish(result, chart, isOfAll ? all.Groups(1, whole: null).FirstOrDefault() : null);
    }

    // Returns the groups that get their own series. There may be thousands of models and callers, so all other groups are added up as one.
    private static async Task<IReadOnlySet<string>?> NamesAsync(DbConnection connection, UsageQuery query, UsageSource source, bool isByDay, CancellationToken cancellation)
    {
        if (query.Group is UsageGroup.None or UsageGroup.Environment)
        {
            return null;
        }

        var (table, hour) = (source.Table, source.Table == RollupTable.Minutes ? 60 : 1);
        var name = query.Group == UsageGroup.Provider ? table.Kind : table.NameColumn;
        var (first, last) = (RollupKey.HourOf(query.From) * hour, (RollupKey.HourOf(query.To) * hour) + hour - 1);
        List<UsageSpan> spans = isByDay ? await UsageSpan.SplitAsync(connection, query.ProjectId, table, first, last, cancellation) : [new(table, first, last)];
        await using var command = connection.CreateCommand();
        var where = source.Scope.OfSums(table, command);
        command.CommandText =
            $"""
            SELECT {name} FROM ({UsageSpan.Rows(spans, $"{name}, \"Requests\"", where)}) AS counted
            GROUP BY {name} ORDER BY SUM("Requests") DESC, {name} LIMIT {Math.Max(1, query.Top) + MoreNames}
            """;
        var names = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static UsageResult Finish(UsageResult result, UsageChart chart, UsageSeries? whole)
    {
        var groups = chart.Groups(result.Query.Group == UsageGroup.None ? 0 : Math.Max(1, result.Query.Top), whole);
        return result with { Groups = result.Query.Group == UsageGroup.None ? [] : groups, Total = chart.Total(groups) };
    }

    // Returns the time since which usage per key or agent is complete. This is the hour after the first row in RollupTable.Callers, because older versions
    // of the edge write no such rows. Null: the usage is complete in the whole range.
    private static async Task<DateTimeOffset?> FirstOfCallersAsync(DbConnection connection, UsageQuery query, CancellationToken cancellation)
    {
        var first = await FirstHourAsync(connection, query, RollupTable.Callers, cancellation);
        return await FirstHourAsync(connection, query, RollupTable.Hours, cancellation) is { } any && (first is null || any < first)
            ? RollupKey.StartOf(first + 1 ?? RollupKey.HourOf(query.To))
            : null;
    }

    private static async Task<long?> FirstHourAsync(DbConnection connection, UsageQuery query, RollupTable table, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT MIN({table.Period}) FROM {table.Name} WHERE {new UsageScope(query.ProjectId, query.Environment).OfSums(table, command)} AND {table.Period} BETWEEN @first AND @last";
        command.Add("first", RollupKey.HourOf(query.From));
        command.Add("last", RollupKey.HourOf(query.To));
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    private static async Task<UsageStep> StepOfAsync(DbConnection connection, UsageQuery query, DateTimeOffset to, DateTimeOffset now, CancellationToken cancellation)
    {
        var step = StepOf(query, to, now);
        return step == UsageStep.Minute && UsageSource.Of(query, step) is { } source
            && !await UsageMinutes.AreWholeAsync(connection, source.Scope, query.Group == UsageGroup.Model, RollupKey.HourOf(query.From), RollupKey.HourOf(to), cancellation)
            ? UsageStep.Hour
            : step;
    }

    private static UsageStep StepOf(UsageQuery query, DateTimeOffset to, DateTimeOffset now)
    {
        var step = query.Step == UsageStep.Minute && (query.From < now - Retention.Minutes || UsageChart.CountOf(UsageStep.Minute, query.From, to) > MaxPoints) ? UsageStep.Hour : query.Step;
        return step == UsageStep.Hour && UsageChart.CountOf(UsageStep.Hour, query.From, to) > MaxPoints ? UsageStep.Day : step;
    }
}
