using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Reads what is kept of a project's requests.</summary>
internal sealed class LogReader(IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, PayloadWriter payloads, StoredPayloads stored, Changes changes)
{
    /// <summary>A page, the newest first.</summary>
    public async Task<LogsAnswer> ListAsync(string projectId, LogFilter filter, CancellationToken cancellation)
    {
        // What ended a moment ago should be seen.
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.FindAsync(database, projectId);

        await database.Database.OpenConnectionAsync(cancellation);

        // One more than asked for tells whether there are more.
        var rows = await filter.Of(projectId).ReadAsync(database.Database.GetDbConnection(), filter.Limit + 1, cancellation);
        var page = rows.GetRange(0, Math.Min(rows.Count, filter.Limit));
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
