using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Reads what is kept of a project's requests.</summary>
internal sealed class LogReader(IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, PayloadWriter payloads, StoredPayloads stored, Changes changes)
{
    public async Task<LogPage> ReadAsync(string projectId, LogFilter filter, LogPlace place, int limit, LogBudget budget, CancellationToken c)
    {
        await writer.FlushAsync();
        await using var database = await contexts.CreateDbContextAsync(c);
        var records = filter.Of(projectId);
        if (place.Cursor is var (at, id))
        {
            records.Where(place.IsNewer ? "r.\"StartedAt\" >= @at AND (r.\"StartedAt\" > @at OR r.\"Id\" > @id)" : "r.\"StartedAt\" <= @at AND (r.\"StartedAt\" < @at OR r.\"Id\" < @id)", ("at", at.ToUnixTimeMilliseconds()), ("id", id));
        }

        var rows = await records.ReadAsync(database, place.IsNewer ? 10_000 : limit + 1, c);
        var page = place.IsNewer ? rows.TakeLast(limit).ToList() : rows.Take(limit).ToList();
        LogCursor? Of(StoredRecord? row) => row is null ? null : new LogCursor(row.Record.StartedAt, row.Id);
        return new(page, place.IsNewer || rows.Count > limit ? Of(page.LastOrDefault()) : null, (place.IsNewer ? rows.Count > limit : place.Cursor is not null) ? Of(page.FirstOrDefault()) : null, null, DateTimeOffset.UnixEpoch);
    }

    public async Task<LogCount> CountAsync(string projectId, LogFilter filter, CancellationToken c)
    {
        await using var database = await contexts.CreateDbContextAsync(c);
        var rows = await filter.Of(projectId).ReadAsync(database, 10_001, c);
        return new(Math.Min(rows.Count, 10_000), rows.Count > 10_000);
    }

    public async Task<IReadOnlyList<LogBar>?> BarsAsync(string projectId, LogFilter filter, Metrics.UsageStep step, CancellationToken c)
    {
        await using var database = await contexts.CreateDbContextAsync(c);
        var rows = await filter.Of(projectId).ReadAsync(database, 10_001, c);
        var span = step switch { Metrics.UsageStep.Minute => TimeSpan.FromMinutes(1), Metrics.UsageStep.Hour => TimeSpan.FromHours(1), _ => TimeSpan.FromDays(1) };
        var bars = new List<LogBar>();
        for (var at = new DateTimeOffset(filter.From!.Value.Ticks / span.Ticks * span.Ticks, TimeSpan.Zero); at < (filter.To ?? TimeProvider.System.GetUtcNow()); at += span)
        {
            var inside = rows.Where(row => row.Record.StartedAt >= at && row.Record.StartedAt < at + span).ToList();
            bars.Add(new(at, inside.Count, inside.Count(row => row.Record.Outcome is RequestOutcome.Error or RequestOutcome.RateLimited)));
        }

        return bars;
    }

    public async Task<LogFound> FindAsync(string projectId, string requestId, LogCursor? older, CancellationToken c)
    {
        await writer.FlushAsync();
        await using var database = await contexts.CreateDbContextAsync(c);
        return new(await LogLookup.FindAsync(database, projectId, requestId, c), null, null);
    }

    public async Task<LogNews> FollowAsync(string projectId, LogFilter filter, long? after, CancellationToken c)
    {
        await writer.FlushAsync();
        await using var database = await contexts.CreateDbContextAsync(c);
        var records = filter.Of(projectId);
        records.Where("r.\"Id\" > @after", ("after", after ?? 0));
        var rows = await records.ReadAsync(database, 201, c);
        rows = [.. rows.OrderBy(row => row.Id)];
        return new(after is null ? [] : rows, rows.Count == 0 ? after ?? 0 : rows.Max(row => row.Id), 0, TimeProvider.System.GetUtcNow());
    }

    /// <summary>A page, the newest first.</summary>
    public async Task<LogsAnswer> ListAsync(string projectId, LogQuery query, CancellationToken cancellation)
    {
        // What ended a moment ago should be seen.
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.FindAsync(database, projectId);

        // One more than asked for tells whether there are more.
        var (filter, limit) = (query.Filter, query.Limit);
        var records = filter.Of(projectId);
        if (query.Place.Cursor is var (at, id))
        {
            records.Where("r.\"StartedAt\" <= @at AND (r.\"StartedAt\" < @at OR r.\"Id\" < @id)", ("at", at.ToUnixTimeMilliseconds()), ("id", id));
        }

        var rows = await records.ReadAsync(database, limit + 1, cancellation);
        var page = rows.GetRange(0, Math.Min(rows.Count, limit));
        var next = rows.Count > page.Count ? new LogCursor(page[^1].Record.StartedAt, page[^1].Id).ToString() : null;
        return new(page.ConvertAll(row => new LogEntry(row.Record)), next);
    }

    /// <summary>One request. Where what was said in it is kept, that it was looked at is noted.</summary>
    public async Task<LogAnswer> GetAsync(AuditActor actor, string projectId, string requestId, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.FindAsync(database, projectId);
        var record = await LogLookup.FindAsync(database, projectId, requestId, cancellation)
            ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "Nothing is kept of such a request in this project."));
        await payloads.FlushAsync().WaitAsync(cancellation);
        var payload = await stored.ReadAsync(database, record, cancellation);
        if (payload.Request is not null || payload.Answer is not null)
        {
            await changes.NoteAsync(actor, new("payload.viewed", projectId, record.RequestId));
        }

        return new(new LogEntry(record), payload.Request, payload.Answer, payload.RequestTruncated, payload.AnswerTruncated);
    }
}

/// <param name="Record">What is known of it.</param>
/// <param name="Request">What was asked; null: it is not kept.</param>
/// <param name="Answer">What was answered; null: it is not kept.</param>
/// <param name="RequestTruncated">Only its beginning is kept.</param>
/// <param name="AnswerTruncated">Likewise.</param>
internal sealed record LogAnswer(LogEntry Record, string? Request, string? Answer, bool RequestTruncated, bool AnswerTruncated);

/// <param name="Requests">The newest first.</param>
/// <param name="NextCursor">Where the next page begins; null: there is none.</param>
internal sealed record LogsAnswer(List<LogEntry> Requests, string? NextCursor);
