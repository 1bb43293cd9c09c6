using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Errors;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>What is kept of a project's requests, newest first, a page at a time.</summary>
public static class LogsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/logs", ListAsync);

        // A caller may have chosen an id with slashes in it.
        projects.MapGet("/{projectId}/logs/{**requestId}", GetAsync);
    }

    private static async Task ListAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer)
    {
        if (!LogFilter.TryRead(context.Request.Query, out var filter, out var problem))
        {
            await context.Refuse(problem);
            return;
        }

        // What ended a moment ago should be seen.
        await writer.FlushAsync().WaitAsync(context.RequestAborted);
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return;
        }

        await database.Database.OpenConnectionAsync(context.RequestAborted);

        // One more than asked for tells whether there are more.
        var rows = await filter.Of(projectId).ReadAsync(database.Database.GetDbConnection(), filter.Limit + 1, context.RequestAborted);
        var page = rows.GetRange(0, Math.Min(rows.Count, filter.Limit));
        var next = rows.Count > page.Count ? new LogCursor(page[^1].Record.StartedAt, page[^1].Id).ToString() : null;
        await context.AnswerAsync(StatusCodes.Status200OK, new LogsAnswer(page.ConvertAll(row => new LogEntry(row.Record)), next));
    }

    private static async Task GetAsync(
        HttpContext context, string projectId, string requestId, IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, PayloadWriter payloads, StoredPayloads stored, Changes changes)
    {
        await writer.FlushAsync().WaitAsync(context.RequestAborted);
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is null)
        {
            return;
        }

        var record = await LogLookup.FindAsync(database, projectId, requestId, context.RequestAborted);
        if (record is null)
        {
            await context.Refuse(new EdgeError(ErrorKind.NotFound, "Nothing is kept of such a request in this project."));
            return;
        }

        await payloads.FlushAsync().WaitAsync(context.RequestAborted);
        var payload = await stored.ReadAsync(database, record, context.RequestAborted);
        if (payload.Request is not null || payload.Answer is not null)
        {
            await changes.NoteAsync(AuditActor.Of(context), new("payload.viewed", projectId, record.RequestId));
        }

        await context.AnswerAsync(StatusCodes.Status200OK, new LogAnswer(new LogEntry(record), payload.Request, payload.Answer, payload.RequestTruncated, payload.AnswerTruncated));
    }

    private sealed record LogAnswer(LogEntry Record, string? Request, string? Answer, bool RequestTruncated, bool AnswerTruncated);

    private sealed record LogsAnswer(List<LogEntry> Requests, string? NextCursor);
}
