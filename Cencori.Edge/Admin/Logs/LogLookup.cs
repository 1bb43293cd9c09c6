using System.Data.Common;
using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Finds one request record of a project by its request id. Request ids have no index, because it would slow the storing of every request. An id that the edge created contains
/// its creation time. For an id that the caller chose, the project's records are scanned, newest first.
/// </summary>
internal static class LogLookup
{
    // Maximum difference between two recorded times that should be equal, such as the start of a request and the time in its id. The edge reads the
    // clock for each of them, and the clock may be corrected between the two reads.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    // Maximum time between a request and its shadow, the copy that is sent to another model. A shadow that waited longer is not found.
    private static readonly TimeSpan LongestQueue = TimeSpan.FromMinutes(10);

    /// <summary>Finds a request. If a caller has used an id several times, the newest record is returned.</summary>
    /// <param name="connection">The database connection.</param>
    /// <param name="projectId">Project id.</param>
    /// <param name="requestId">Request id.</param>
    /// <param name="older">Cursor at which the previous call stopped. Null: this is the first call.</param>
    /// <param name="budget">Limit of the scan, for ids that do not contain a time.</param>
    /// <param name="cancellation">Cancels the search.</param>
    public static async Task<LogFound> FindAsync(DbConnection connection, string projectId, string requestId, LogCursor? older, LogBudget budget, CancellationToken cancellation)
    {
        if (older is null && RequestId.TryReadTime(requestId, out var created) && await QueryAround(projectId, requestId, created).ReadAsync(connection, limit: 1, cancellation) is [var near])
        {
            return new(near.Record, null, null);
        }

        RequestRecord? found = null;
        var stopped = await new RecordScan(connection, budget.Records).RunAsync(
            Anytime(projectId, requestId),
            older is var (at, _) ? [(0, at.ToUnixTimeMilliseconds())] : null,
            async piece => (found = await piece.ReadAsync(connection, limit: 1, cancellation) is [var row] ? row.Record : null) is null,
            cancellation);
        var end = LogCursor.Before(stopped);
        return new(found, end, end?.At);
    }

    /// <summary>Finds the shadow of a request: its copy that was sent to another model afterwards.</summary>
    /// <returns>Null: no shadow.</returns>
    public static async Task<RequestRecord?> ShadowOfAsync(DbConnection connection, RequestRecord original, CancellationToken cancellation)
    {
        var records = Anytime(original.ProjectId, ShadowIds.Of(original.RequestId));
        var ended = original.StartedAt.AddMicroseconds(original.DurationMicroseconds);
        records.From(ended - Tolerance);
        records.Before((ended + LongestQueue).ToUnixTimeMilliseconds());
        return await records.ReadAsync(connection, limit: 1, cancellation) is [var row] ? row.Record : null;
    }

    internal static RecordQuery QueryAround(string projectId, string requestId, DateTimeOffset at)
    {
        var records = Anytime(projectId, requestId);
        records.From(at - Tolerance);
        records.Before((at + Tolerance).ToUnixTimeMilliseconds() + 1);
        return records;
    }

    internal static RecordQuery Anytime(string projectId, string requestId)
    {
        var records = new RecordQuery(projectId);
        records.WhereRequest(requestId);
        return records;
    }
}
