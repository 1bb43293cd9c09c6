using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Systems;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Reads the stored records of a project's requests.</summary>
internal sealed class LogReader(
    LogSearches search, ThrottledFlush flush, IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, PayloadWriter payloads, StoredPayloads stored, Changes changes)
{
    /// <summary>Reads a page of records that match a filter.</summary>
    /// <exception cref="DatabaseBusyException">The database is busy; a retry may succeed. The following methods throw it too.</exception>
    public async Task<LogPage> ReadAsync(string projectId, LogFilter filter, LogPosition place, int limit, LogBudget budget, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.ReadAsync(projectId, filter, place, limit, budget, cancellation);
    }

    /// <summary>Counts the records that match a filter, up to 10,000.</summary>
    public async Task<LogCount> CountAsync(string projectId, LogFilter filter, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.CountAsync(projectId, filter, cancellation);
    }

    /// <summary>Reads the number of matching requests per period from the roll-up tables. Null: the roll-ups do not support this filter.</summary>
    public Task<IReadOnlyList<LogBar>?> BarsAsync(string projectId, LogFilter filter, UsageStep step, CancellationToken cancellation) =>
        search.BarsAsync(projectId, filter, step, cancellation);

    /// <summary>Finds one request by its id, which the edge or the caller chose.</summary>
    /// <param name="projectId">Project id.</param>
    /// <param name="requestId">Request id.</param>
    /// <param name="older">Cursor at which the previous call stopped. Null: this is the first call.</param>
    /// <param name="cancellation">Cancels the search.</param>
    public async Task<LogFound> FindAsync(string projectId, string requestId, LogCursor? older, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.FindAsync(projectId, requestId, older, LogBudget.Page, cancellation);
    }

    /// <summary>Finds the shadow of a request: its copy to another model. Null: the request has no shadow, or the shadow is unfinished.</summary>
    public async Task<RequestRecord?> ShadowOfAsync(RequestRecord original, CancellationToken cancellation) =>
        original is { Route: not null, Outcome: RequestOutcome.Success or RequestOutcome.SuccessFallback } ? await search.ShadowOfAsync(original, cancellation) : null;

    /// <summary>Reads the records that have arrived since the last call. The first call returns only the start position.</summary>
    public async Task<LogArrivals> FollowAsync(string projectId, LogFilter filter, string? after, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.FollowAsync(projectId, filter, after, cancellation);
    }

    /// <summary>Reads a page for an API client.</summary>
    public async Task<LogsResponse> ListAsync(string projectId, LogQuery query, CancellationToken cancellation)
    {
        // Writes queued records first, so that the response includes requests that ended a moment ago.
        await writer.FlushAsync().WaitAsync(cancellation);
        await using (var database = await contexts.CreateDbContextAsync(cancellation))
        {
            await ProjectEditor.CheckIsThereAsync(database, projectId);
        }

        var page = await search.ReadAsync(projectId, query.Filter, query.Place, query.Limit, LogBudget.Api, cancellation);
        return new([.. page.Rows.Select(row => new LogEntry(row.Record))], page.Older?.ToString());
    }

    /// <summary>Reads one request. If its bodies are stored, adds an audit entry for the access.</summary>
    public async Task<LogResponse> GetAsync(AuditActor actor, string projectId, string requestId, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var record = await FindAsync(projectId, requestId, cancellation)
            ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "No record of this request is stored in this project."));
        await payloads.FlushAsync().WaitAsync(cancellation);
        var payload = await stored.ReadAsync(database, record, cancellation);
        if (payload.Request is not null || payload.Response is not null)
        {
            await changes.NoteAsync(actor, new("payload.viewed", projectId, record.RequestId));
        }

        return new(new LogEntry(record), payload.Request, payload.Response, payload.RequestTruncated, payload.ResponseTruncated);
    }

    // Searches all records for one request, in several short reads.
    private async Task<RequestRecord?> FindAsync(string projectId, string requestId, CancellationToken cancellation)
    {
        LogFound found;
        LogCursor? older = null;
        do
        {
            found = await search.FindAsync(projectId, requestId, older, LogBudget.Api, cancellation);
            older = found.Older;
        }
        while (found.Record is null && older is not null);
        return found.Record;
    }
}

/// <param name="Record">The record.</param>
/// <param name="Request">Request body. Null: it is not stored.</param>
/// <param name="Answer">Response body. Null: it is not stored.</param>
/// <param name="RequestTruncated">True: only the beginning of the request body is stored.</param>
/// <param name="AnswerTruncated">True: only the beginning of the response body is stored.</param>
internal sealed record LogResponse(LogEntry Record, string? Request, string? Answer, bool RequestTruncated, bool AnswerTruncated);

/// <param name="Requests">Request records, newest first.</param>
/// <param name="NextCursor">Cursor of the next page. Null: this is the last page.</param>
internal sealed record LogsResponse(List<LogEntry> Requests, string? NextCursor);
