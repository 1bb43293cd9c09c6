using System.Data.Common;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Metrics;

/// <summary>
/// What pages show of usage, from the tables of sums. It means the same as <c>/v1/metrics</c>. What nobody has summed up, such as one key's
/// use of one model, is counted from the records, as far back as that is quick.
/// </summary>
public sealed class UsageReader(ReadDatabase database, SharedFlush flush, TimeProvider time)
{
    // Of a series that somebody is to see.
    private const int MaxPoints = 3_000;

    // Whole hours say who comes first, and the period may begin and end within one.
    private const int MoreNames = 10;

    /// <exception cref="DatabaseBusyException">Another try may succeed.</exception>
    public async Task<UsageResult> ReadAsync(UsageQuery question, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        var now = time.GetUtcNow();
        var to = question.To > question.From ? question.To : question.From.AddTicks(1);
        return await database.ReadAsync(
            async connection => await ReadAsync(
                connection, question with { To = to }, new UsageChart(await StepOfAsync(connection, question, to, now, cancellation), question.From, to), now, cancellation), cancellation);
    }

    /// <summary>False: no table of sums has what is asked for, and records would be counted.</summary>
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

    // Callers make up names of models, and there may be thousands of callers: what is not to be seen is added up as one.
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

    // Of before an edge that counts callers, or in the hour in which the first such edge began, it cannot be said what a key has used.
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
