using System.Data.Common;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Systems;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Searches request records within a <see cref="LogBudget"/>. Skips hours without possible matches, and reports where the limit stopped the search.</summary>
internal sealed class LogSearches(ReadDatabase database, UsageReader usage, IOptions<UsageOptions> options, TimeProvider time)
{
    private const int MaxCounted = 10_000;

    // Maximum number of new records that one call returns.
    private const int MaxReturned = 200;
    private const int MaxArrivals = 20_000;

    public Task<LogPage> ReadAsync(string projectId, LogFilter filter, LogPosition place, int limit, LogBudget budget, CancellationToken cancellation) =>
        database.ReadAsync(connection => ReadAsync(connection, projectId, filter, place, limit, budget, cancellation), cancellation);

    public Task<LogCount> CountAsync(string projectId, LogFilter filter, CancellationToken cancellation) => database.ReadAsync(
        async connection =>
        {
            var count = 0L;
            var stopped = await ScanAsync(connection, projectId, filter, filter.OfAnyTime(projectId), LogBudget.Page, CountAsync, cancellation);
            return new LogCount(Math.Min(count, MaxCounted), count > MaxCounted || stopped is not null);

            async Task<bool> CountAsync(RecordQuery piece)
            {
                await using var command = piece.ToCount(connection, MaxCounted + 1);
                count += (long)(await command.ExecuteScalarAsync(cancellation))!;
                return count <= MaxCounted;
            }
        },
        cancellation);

    public async Task<IReadOnlyList<LogBar>?> BarsAsync(string projectId, LogFilter filter, UsageStep step, CancellationToken cancellation)
    {
        if (filter.ToUsage(projectId, time.GetUtcNow(), step, UsageGroup.None) is not { } query || !UsageReader.HasRollup(query))
        {
            return null;
        }

        var result = await usage.ReadAsync(query, cancellation);
        return [.. result.Total.Points.Select((sums, index) => BarOf(result.Starts[index], filter, sums))];
    }

    public Task<LogFound> FindAsync(string projectId, string requestId, LogCursor? older, LogBudget budget, CancellationToken cancellation) =>
        database.ReadAsync(connection => LogLookup.FindAsync(connection, projectId, requestId, older, budget, cancellation), cancellation);

    /// <inheritdoc cref="LogLookup.ShadowOfAsync"/>
    public Task<RequestRecord?> ShadowOfAsync(RequestRecord original, CancellationToken cancellation) =>
        database.ReadAsync(connection => LogLookup.ShadowOfAsync(connection, original, cancellation), cancellation);

    public Task<LogArrivals> FollowAsync(string projectId, LogFilter filter, string? after, CancellationToken cancellation) => database.ReadAsync(
        async connection =>
        {
            var next = await LogWatermark.ReadAsync(connection, cancellation);
            var now = time.GetUtcNow();
            if (!LogWatermark.TryParse(after, out var seen) || seen.Last > next.Last)
            {
                return new LogArrivals([], next.ToString(), 0, now);
            }

            var records = filter.Of(projectId);
            records.Where(seen.IsNew);
            var first = Math.Max(seen.First, next.Last - MaxArrivals);
            await using var command = records.ToArrivals(connection, first, next.Last, MaxReturned + 1);
            var rows = await RecordQuery.ReadAsync(command, cancellation);
            var more = 0L;
            if (rows.Count > MaxReturned)
            {
                await using var counting = records.ToArrivalCount(connection, first, next.Last);
                more = (long)(await counting.ExecuteScalarAsync(cancellation))! - MaxReturned;
            }

            return new LogArrivals([.. rows.Take(MaxReturned).Reverse()], next.ToString(), more, now);
        },
        cancellation);

    private async Task<LogPage> ReadAsync(
        DbConnection connection, string projectId, LogFilter filter, LogPosition place, int limit, LogBudget budget, CancellationToken cancellation)
    {
        var records = filter.OfAnyTime(projectId);
        if (place.Cursor is var (at, id))
        {
            if (place.IsNewer)
            {
                records.NewerThan(at, id);
                filter = filter with { From = Later(filter.From, at) };
            }
            else
            {
                records.OlderThan(at, id);
                filter = filter with { To = Earlier(filter.To, at.AddMilliseconds(1)) };
            }
        }

        // Reads one record more than the page has, to see whether there are more.
        var rows = new List<StoredRecord>();
        var stopped = await ScanAsync(connection, projectId, filter, records, budget, ReadAsync, cancellation);
        var hasMore = rows.Count > limit;
        var page = rows.GetRange(0, Math.Min(rows.Count, limit));
        var start = page.Count == 0 ? Including(place) : CursorOf(page[0]);
        LogCursor? end = page.Count == 0 ? null : CursorOf(page[^1]);
        if (!records.IsOldestFirst)
        {
            return new(page, hasMore ? end : LogCursor.Before(stopped), place.Cursor is null ? null : start, hasMore ? null : LogCursor.Before(stopped)?.At, time.GetUtcNow());
        }

        page.Reverse();
        return new(page, start, hasMore ? end : LogCursor.From(stopped), null, time.GetUtcNow());

        async Task<bool> ReadAsync(RecordQuery piece)
        {
            rows.AddRange(await piece.ReadAsync(connection, limit + 1 - rows.Count, cancellation));
            return rows.Count <= limit;
        }
    }

    private async Task<long?> ScanAsync(
        DbConnection connection, string projectId, LogFilter filter, RecordQuery records, LogBudget budget, Func<RecordQuery, Task<bool>> read, CancellationToken cancellation)
    {
        if (!records.HasFilter)
        {
            // Without filter conditions every record matches, so the page limit also limits the read.
            await read(filter.Of(records));
            return null;
        }

        var from = filter.From?.ToUnixTimeMilliseconds() ?? await FirstAsync(connection, projectId, cancellation);
        var before = Math.Min(filter.To?.ToUnixTimeMilliseconds() ?? long.MaxValue, time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds());
        var known = RollupKey.HourOf(time.GetUtcNow().AddMonths(-options.Value.RollupRetentionMonths)) + 1;
        if (from >= before)
        {
            return null;
        }

        var scan = new RecordScan(connection, budget.Records);
        var hours = new LogHours(connection, projectId, filter).FindAsync(from, before, known, records.IsOldestFirst, cancellation);
        return await scan.RunAsync(records, hours, read, cancellation);
    }

    private static async Task<long> FirstAsync(DbConnection connection, string projectId, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT MIN(r.\"StartedAt\") FROM request_records AS r WHERE r.\"ProjectId\" = {RecordRow.NumberOf("project")}";
        command.Add("project", projectId);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    private static LogBar BarOf(DateTimeOffset start, LogFilter filter, UsageSums sums) => filter switch
    {
        { IsUnpriced: true } => new(start, sums.Unpriced, 0),
        { Statuses.Count: 0 } => new(start, sums.Requests, sums.Errors + sums.RateLimited),
        _ => new(
            start,
            filter.Statuses.Distinct().Sum(status => status.CountOf(sums)),
            filter.Statuses.Distinct().Where(status => status.Outcome is RequestOutcome.Error or RequestOutcome.RateLimited).Sum(status => status.CountOf(sums))),
    };

    // Cursor of the page that leads back from an empty page. A page does not contain the record of its cursor. To make the page contain that record,
    // the id in the cursor is moved by one.
    private static LogCursor? Including(LogPosition place) => place.Cursor is not var (at, id) ? null
        : place.IsNewer ? new(at, id == long.MaxValue ? id : id + 1) : new(at, Math.Max(id, 1) - 1);

    private static LogCursor CursorOf(StoredRecord row) => new(row.Record.StartedAt, row.Id);

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;

    private static DateTimeOffset Earlier(DateTimeOffset? one, DateTimeOffset other) => one < other ? one.Value : other;
}
