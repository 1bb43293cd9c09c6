using System.Data.Common;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Reads usage for pages from the roll-up tables, with the same meaning as <c>/v1/metrics</c>. Combinations without a roll-up, such as one key's
/// use of one model, are counted from the records, as far back as that is fast.
/// </summary>
public sealed class UsageReader(ReadDatabase database, SharedFlush flush, TimeProvider time)
{
    // Most points of a series that a person can read.
    private const int MaxPoints = 3_000;

    // The ranking uses whole hours, but the range may begin and end within one. So a few more groups are kept.
    private const int MoreNames = 10;

    /// <exception cref="DatabaseBusyException">The database is busy. Another attempt may succeed.</exception>
    public async Task<UsageResult> ReadAsync(UsageQuery question, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        var now = time.GetUtcNow();
        var to = question.To > question.From ? question.To : question.From.AddTicks(1);
        return await database.ReadAsync(
            async connection => await ReadAsync(
                connection, question with { To = to }, new UsageChart(await StepOfAsync(connection, question, to, now, cancellation), question.From, to), now, cancellation), cancellation);
    }

    /// <summary>False: no roll-up table has this combination, so records would be counted.</summary>
    public static bool IsSummedUp(UsageQuery question) => UsageSource.Of(question, UsageStep.Hour) is not null;

    private static async Task<UsageResult> ReadAsync(DbConnection connection, UsageQuery question, UsageChart chart, DateTimeOffset now, CancellationToken cancellation)
    {
        var result = new UsageResult
        {
            Question = question,
            AsOf = now,
            Step = chart.Step,
            Starts = chart.Starts,
            Total = null!,
            Groups = null!,
        };
        if (UsageSource.Of(question, chart.Step) is not { } source)
        {
            var begins = await UsageRecords.AddAsync(connection, question, chart, cancellation);
            return Finish(result with { IsFromRecords = true, Begins = begins }, chart, whole: null);
        }

        DateTimeOffset? to = question.To < now ? question.To : null;
        var isOfAll = source.Table == RollupTable.Callers && source.Scope.Names.Count == 0;
        var all = new UsageChart(chart.Step, question.From, question.To);
        var isByDay = chart.Step == UsageStep.Day;
        var periods = new UsagePeriods(connection, source.Scope with { Kinds = [] }, RollupTable.Hours) { IsByDay = isByDay };
        if (isOfAll)
        {
            await periods.AddAsync(question.From, to, (hour, _) => all.At("", RollupKey.StartOf(hour)), cancellation);
        }

        chart.Named = await NamesAsync(connection, question, source, isByDay, cancellation);
        var length = source.Table == RollupTable.Minutes ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(1);
        await new UsagePeriods(connection, source.Scope, source.Table, periods.Parts) { IsByDay = isByDay, IsByModel = question.Group == UsageGroup.Model }.AddAsync(
            question.From, to, (period, cell) => chart.At(source.GroupOf(cell), DateTimeOffset.UnixEpoch + (length * period)), cancellation);
        if (source.Table == RollupTable.Callers && !isOfAll)
        {
            result = result with { Begins = await FirstOfCallersAsync(connection, question, cancellation) };
        }

        return Finish(result, chart, isOfAll ? all.Groups(1, whole: null).FirstOrDefault() : null);
    }

    // Callers can invent model names, and there may be thousands of callers. Groups that are not shown are added up as one.
    private static async Task<IReadOnlySet<string>?> NamesAsync(DbConnection connection, UsageQuery question, UsageSource source, bool isByDay, CancellationToken cancellation)
    {
        if (question.Group is UsageGroup.None or UsageGroup.Environment)
        {
            return null;
        }

        var (table, hour) = (source.Table, source.Table == RollupTable.Minutes ? 60 : 1);
        var name = question.Group == UsageGroup.Provider ? table.Kind : table.NameColumn;
        var (first, last) = (RollupKey.HourOf(question.From) * hour, (RollupKey.HourOf(question.To) * hour) + hour - 1);
        List<UsageSpan> spans = isByDay ? await UsageSpan.SplitAsync(connection, question.ProjectId, table, first, last, cancellation) : [new(table, first, last)];
        await using var command = connection.CreateCommand();
        var where = source.Scope.OfSums(table, command);
        command.CommandText =
            $"""
            SELECT {name} FROM ({UsageSpan.Rows(spans, $"{name}, \"Requests\"", where)}) AS counted
            GROUP BY {name} ORDER BY SUM("Requests") DESC, {name} LIMIT {Math.Max(1, question.Top) + MoreNames}
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
        var groups = chart.Groups(result.Question.Group == UsageGroup.None ? 0 : Math.Max(1, result.Question.Top), whole);
        return result with { Groups = result.Question.Group == UsageGroup.None ? [] : groups, Total = chart.Total(groups) };
    }

    // Usage per key is unknown before the first edge that counts callers, and in the hour in which that edge began.
    private static async Task<DateTimeOffset?> FirstOfCallersAsync(DbConnection connection, UsageQuery question, CancellationToken cancellation)
    {
        var first = await FirstHourAsync(connection, question, RollupTable.Callers, cancellation);
        return await FirstHourAsync(connection, question, RollupTable.Hours, cancellation) is { } any && (first is null || any < first)
            ? RollupKey.StartOf(first + 1 ?? RollupKey.HourOf(question.To))
            : null;
    }

    private static async Task<long?> FirstHourAsync(DbConnection connection, UsageQuery question, RollupTable table, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT MIN({table.Period}) FROM {table.Name} WHERE {new UsageScope(question.ProjectId, question.Environment).OfSums(table, command)} AND {table.Period} BETWEEN @first AND @last";
        command.Add("first", RollupKey.HourOf(question.From));
        command.Add("last", RollupKey.HourOf(question.To));
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    private static async Task<UsageStep> StepOfAsync(DbConnection connection, UsageQuery question, DateTimeOffset to, DateTimeOffset now, CancellationToken cancellation)
    {
        var step = StepOf(question, to, now);
        return step == UsageStep.Minute && UsageSource.Of(question, step) is { } source
            && !await UsageMinutes.AreWholeAsync(connection, source.Scope, question.Group == UsageGroup.Model, RollupKey.HourOf(question.From), RollupKey.HourOf(to), cancellation)
            ? UsageStep.Hour
            : step;
    }

    private static UsageStep StepOf(UsageQuery question, DateTimeOffset to, DateTimeOffset now)
    {
        var step = question.Step == UsageStep.Minute && (question.From < now - Retention.Minutes || UsageChart.CountOf(UsageStep.Minute, question.From, to) > MaxPoints) ? UsageStep.Hour : question.Step;
        return step == UsageStep.Hour && UsageChart.CountOf(UsageStep.Hour, question.From, to) > MaxPoints ? UsageStep.Day : step;
    }
}
