using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Logs;

/// <summary>Reads what is kept of a project's requests.</summary>
internal sealed class LogReader(
    LogSearches search, ThrottledFlush flush, IDbContextFactory<EdgeDbContext> contexts, RecordWriter writer, PayloadWriter payloads, StoredPayloads stored, Changes changes)
{
    /// <summary>A page of what a filter finds.</summary>
    /// <exception cref="DatabaseBusyException">Another try may succeed. So of all that follow.</exception>
    public async Task<LogPage> ReadAsync(string projectId, LogFilter filter, LogPosition place, int limit, LogBudget budget, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.ReadAsync(projectId, filter, place, limit, budget, cancellation);
    }

    /// <summary>How many rows it finds, up to 10,000.</summary>
    public async Task<LogCount> CountAsync(string projectId, LogFilter filter, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.CountAsync(projectId, filter, cancellation);
    }

    /// <summary>How what it finds is spread over time, from the sums; null: they do not know this filter.</summary>
    public Task<IReadOnlyList<LogBar>?> BarsAsync(string projectId, LogFilter filter, UsageStep step, CancellationToken cancellation) =>
        search.BarsAsync(projectId, filter, step, cancellation);

    /// <summary>One request by its id, whoever chose that.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="requestId">Which.</param>
    /// <param name="older">Where the last response has stopped; null: there was none.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<LogFound> FindAsync(string projectId, string requestId, LogCursor? older, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.FindAsync(projectId, requestId, older, LogBudget.Page, cancellation);
    }

    /// <summary>The shadow of a request. Null: it has none, or that is not over.</summary>
    public async Task<RequestRecord?> ShadowOfAsync(RequestRecord original, CancellationToken cancellation) =>
        original is { Route: not null, Outcome: RequestOutcome.Success or RequestOutcome.SuccessFallback } ? await search.ShadowOfAsync(original, cancellation) : null;

    /// <summary>What has arrived since the last response; at first nothing but where to begin.</summary>
    public async Task<LogArrivals> FollowAsync(string projectId, LogFilter filter, string? after, CancellationToken cancellation)
    {
        await flush.EnsureAsync(cancellation);
        return await search.FollowAsync(projectId, filter, after, cancellation);
    }

    /// <summary>A page for a program.</summary>
    public async Task<LogsResponse> ListAsync(string projectId, LogQuery query, CancellationToken cancellation)
    {
        // What ended a moment ago should be seen.
        await writer.FlushAsync().WaitAsync(cancellation);
        await using (var database = await contexts.CreateDbContextAsync(cancellation))
        {
            await ProjectEditor.CheckIsThereAsync(database, projectId);
        }

        var page = await search.ReadAsync(projectId, query.Filter, query.Place, query.Limit, LogBudget.Api, cancellation);
        return new([.. page.Rows.Select(row => new LogEntry(row.Record))], page.Older?.ToString());
    }

    /// <summary>One request. Where what was said in it is kept, that it was looked at is noted.</summary>
    public async Task<LogResponse> GetAsync(AuditActor actor, string projectId, string requestId, CancellationToken cancellation)
    {
        await writer.FlushAsync().WaitAsync(cancellation);
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var record = await FindAsync(projectId, requestId, cancellation)
            ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "Nothing is kept of such a request in this project."));
        await payloads.FlushAsync().WaitAsync(cancellation);
        var payload = await stored.ReadAsync(database, record, cancellation);
        if (payload.Request is not null || payload.Answer is not null)
        {
            await changes.NoteAsync(actor, new("payload.viewed", projectId, record.RequestId));
        }

        return new(new LogEntry(record), payload.Request, payload.Answer, payload.RequestTruncated, payload.AnswerTruncated);
    }

    // Somebody asks for one request: it is looked for to the end, by short reads.
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

/// <param name="Record">What is known of it.</param>
/// <param name="Request">What was asked; null: it is not kept.</param>
/// <param name="Answer">What was answered; null: it is not kept.</param>
/// <param name="RequestTruncated">Only its beginning is kept.</param>
/// <param name="AnswerTruncated">Likewise.</param>
internal sealed record LogResponse(LogEntry Record, string? Request, string? Answer, bool RequestTruncated, bool AnswerTruncated);

/// <param name="Requests">The newest first.</param>
/// <param name="NextCursor">Where the next page begins; null: there is none.</param>
internal sealed record LogsResponse(List<LogEntry> Requests, string? NextCursor);
