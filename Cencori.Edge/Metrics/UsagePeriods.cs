using System.Data.Common;
using System.Runtime.InteropServices;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Metrics;

/// <summary>
/// Adds up the usage in a time range from one roll-up table. Of a period (an hour or a minute) that lies only partly in the range, only the part in the
/// range is added. That part is read from the sums by minute if they are complete, else from the request records if the period has few of them and they
/// are still stored, else it is estimated in proportion to the time.
/// </summary>
/// <param name="connection">The open connection.</param>
/// <param name="scope">Selects the requests.</param>
/// <param name="table">The roll-up table.</param>
/// <param name="known">The <see cref="Parts"/> of another instance that adds up the same requests from another table. Estimates then have the same totals as
/// these parts. Null: there is no other instance.</param>
internal sealed class UsagePeriods(DbConnection connection, UsageScope scope, RollupTable table, IReadOnlyDictionary<long, UsagePart>? known = null)
{
    /// <summary>A period with more requests than this is not counted from its records.</summary>
    public const int MaxRows = 20_000;

    private readonly TimeSpan _length = table == RollupTable.Minutes ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(1);

    /// <summary>True: whole days may be read from the table of days. Their sums are reported for the first hour of the day.</summary>
    public bool IsByDay { get; init; }

    /// <summary>True: the caller needs sums per model.</summary>
    public bool IsByModel { get; init; }

    /// <summary>For each period that lies only partly in the range: the requests of the whole period, and the sums of the part in the range. The keys are
    /// period numbers as in <see cref="RollupKey"/>.</summary>
    public Dictionary<long, UsagePart> Parts { get; } = [];

    /// <param name="from">Inclusive start.</param>
    /// <param name="to">Exclusive end; null: no end.</param>
    /// <param name="target">Returns the sums to add to, for a period (numbered as in <see cref="RollupKey"/>) and a cell.</param>
    /// <param name="cancellation">Cancels the query.</param>
    public async Task AddAsync(DateTimeOffset from, DateTimeOffset? to, Func<long, UsageCell, UsageSums> target, CancellationToken cancellation)
    {
        var first = PeriodOf(from);
        var last = to is { } end ? PeriodOf(end) : long.MaxValue;
        var begins = StartOf(first) < from;
        var ends = to is { } cut && StartOf(last) < cut;
        if (begins && first == last)
        {
            await AddPartAsync(first, from, to!.Value, target, cancellation);
            return;
        }

        await AddWholeAsync(begins ? first + 1 : first, to is null ? last : last - 1, target, cancellation);
        if (begins)
        {
            await AddPartAsync(first, from, StartOf(first + 1), target, cancellation);
        }

        if (ends)
        {
            await AddPartAsync(last, StartOf(last), to!.Value, target, cancellation);
        }
    }

    private async Task AddWholeAsync(long first, long last, Func<long, UsageCell, UsageSums> target, CancellationToken cancellation)
    {
        if (first > last)
        {
            return;
        }

        List<UsageSpan> spans = IsByDay ? await UsageSpan.SplitAsync(connection, scope.ProjectId, table, first, last, cancellation) : [new(table, first, last)];
        foreach (var span in spans)
        {
            await using var command = connection.CreateCommand();
            command.CommandText =
                $"""
                SELECT {span.Table.Period}, "Environment", {table.Kind}, {table.NameColumn}, {RollupTable.SumColumns} FROM {span.Table.Name}
                WHERE {scope.OfSums(table, command)} AND {span.Table.Period} BETWEEN @first AND @last
                """;
            command.Add("first", span.First);
            command.Add("last", span.Last);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                RollupTable.AddSums(reader, first: 4, target(span.HourOf(reader.GetInt64(0)), new((KeyEnvironment)reader.GetInt16(1), reader.GetString(2), reader.GetString(3))));
            }
        }
    }

    private async Task AddPartAsync(long period, DateTimeOffset from, DateTimeOffset to, Func<long, UsageCell, UsageSums> target, CancellationToken cancellation)
    {
        var (whole, part) = (new Dictionary<UsageCell, UsageSums>(), new Dictionary<UsageCell, UsageSums>());
        await AddWholeAsync(period, period, (_, cell) => At(whole, cell), cancellation);
        var all = Sum(whole.Values);
        var isQuick = await CountRowsAsync(period, cancellation) <= MaxRows;

        // A row of the table of minutes may hold the sums of several models. For a caller who needs sums per model, such rows are used only if the period has
        // too many request records to read. The total over all models is still exact.
        if (table == RollupTable.Hours && await UsageMinutes.AreWholeAsync(connection, scope, IsByModel && isQuick, period, period, cancellation))
        {
            await new UsagePeriods(connection, scope, RollupTable.Minutes).AddAsync(from, to, (_, cell) => At(part, cell), cancellation);
        }
        else
        {
            var rows = isQuick ? await ReadRowsAsync(StartOf(period), StartOf(period + 1), from, to, cancellation) : default;
            if (rows.All is { } kept && (kept.Success < all.Success || kept.Requests == 0) && !await HasRecordBeforeAsync(from, cancellation))
            {
                // The rest of partly deleted records would look like the usage of the whole part.
                rows = default;
            }

            UsageSums? agreed = known is not null && known.TryGetValue(period, out var other) && other.Requests == all.Requests ? other.Sums : null;
            Merge(whole, all, rows, agreed, (to - from) / _length, cell => At(part, cell));
        }

        Parts[period] = new(all.Requests, Sum(part.Values));
        foreach (var (cell, sums) in part)
        {
            target(period, cell).Add(sums);
        }
    }

    // Returns the number of records of the project in the period, also of those outside the scope. A query must read all of them, because the index of
    // records has only the project and the time.
    private async Task<long> CountRowsAsync(long period, CancellationToken cancellation)
    {
        var sums = table == RollupTable.Callers ? RollupTable.Hours : table;
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT CAST(COALESCE(SUM("Requests" - "RateLimited"), 0) AS BIGINT) FROM {sums.Name}
            WHERE {new UsageScope(scope.ProjectId, null).OfSums(sums, command)} AND {sums.Period} = @period
            """;
        command.Add("period", period);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    // The oldest records of a project are deleted first. So a record before a time shows that all later ones are kept.
    private async Task<bool> HasRecordBeforeAsync(DateTimeOffset time, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"""SELECT 1 FROM request_records WHERE "ProjectId" = {RecordRow.NumberOf("project")} AND "StartedAt" < @before LIMIT 1""";
        command.Add("project", scope.ProjectId);
        command.Add("before", time.ToUnixTimeMilliseconds());
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }

    private static void Merge(
        Dictionary<UsageCell, UsageSums> whole, UsageSums all, (Dictionary<UsageCell, UsageSums>? Sums, UsageSums All) rows, UsageSums? agreed, double share, Func<UsageCell, UsageSums> target)
    {
        if (agreed is null)
        {
            agreed = new UsageSums();
            agreed.Add(all, share);
        }

        // Some requests that reached no provider have no record. True: every request with this outcome has a record. False: only the roll-up table has the
        // number of these requests.
        var (errors, filtered, cancelled) = (rows.All?.Errors == all.Errors, rows.All?.Filtered == all.Filtered, rows.All?.Cancelled == all.Cancelled);
        var shares = new UsageShares(all, rows.Sums is null ? agreed : Missing(agreed));
        foreach (var (cell, sums) in whole)
        {
            target(cell).Add(shares.Of(rows.Sums is null ? sums : Missing(sums)));
        }

        foreach (var (cell, sums) in rows.Sums ?? [])
        {
            (sums.Errors, sums.Filtered, sums.Cancelled) = (errors ? sums.Errors : 0, filtered ? sums.Filtered : 0, cancelled ? sums.Cancelled : 0);
            target(cell).Add(sums);
        }

        UsageSums Missing(UsageSums sums) => new()
        {
            RateLimited = sums.RateLimited,
            Errors = errors ? 0 : sums.Errors,
            Filtered = filtered ? 0 : sums.Filtered,
            Cancelled = cancelled ? 0 : sums.Cancelled,
        };
    }

    /// <returns>The sums of the records between <paramref name="from"/> and <paramref name="to"/>, and the sums of all records of the period.</returns>
    private async Task<(Dictionary<UsageCell, UsageSums> Sums, UsageSums All)> ReadRowsAsync(
        DateTimeOffset start, DateTimeOffset end, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        var (where, kind, name) = scope.OfRecords(table, command);
        command.CommandText =
            $"""
            SELECT r."Environment", {kind}, {name}, "Outcome", "PromptTokens", "CachedTokens", "CompletionTokens", "Picodollars", {UsageSums.LatencyColumn}, CASE WHEN "IsStream" THEN "FirstByteMicroseconds" END, "StartedAt"
            FROM request_records AS r WHERE {where} AND "StartedAt" >= @start AND "StartedAt" < @end AND "Outcome" <> {(int)RequestOutcome.RateLimited}
            """;

        // Stored times are truncated to whole milliseconds, so the start and end are truncated too.
        var (first, last) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
        command.Add("start", start.ToUnixTimeMilliseconds());
        command.Add("end", end.ToUnixTimeMilliseconds());
        var (found, all) = (new Dictionary<UsageCell, UsageSums>(), new UsageSums());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var outcome = (RequestOutcome)reader.GetInt16(3);
            var startedAt = reader.GetInt64(10);
            all.Add(outcome, 0, 0, 0, 0, 0, null);
            if (startedAt >= first && startedAt < last)
            {
                At(found, new((KeyEnvironment)reader.GetInt16(0), Text(reader, 1), Text(reader, 2)))
                    .Add(outcome, reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), Number(reader, 7), Number(reader, 8), Number(reader, 9));
            }
        }

        return (found, all);
    }

    private static string Text(DbDataReader reader, int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

    private static long? Number(DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static UsageSums Sum(IEnumerable<UsageSums> parts)
    {
        var all = new UsageSums();
        foreach (var sums in parts)
        {
            all.Add(sums);
        }

        return all;
    }

    private static UsageSums At(Dictionary<UsageCell, UsageSums> found, UsageCell cell) =>
        CollectionsMarshal.GetValueRefOrAddDefault(found, cell, out _) ??= new UsageSums();

    private long PeriodOf(DateTimeOffset time) => table == RollupTable.Minutes ? RollupKey.MinuteOf(time) : RollupKey.HourOf(time);

    private DateTimeOffset StartOf(long period) => DateTimeOffset.UnixEpoch + (_length * period);
}

/// <summary>A period that lies only partly in the range.</summary>
/// <param name="Requests">Requests of the whole period.</param>
/// <param name="Sums">Sums of the part of the period in the range.</param>
internal sealed record UsagePart(long Requests, UsageSums Sums);
