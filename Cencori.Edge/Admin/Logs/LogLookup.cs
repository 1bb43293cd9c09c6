using System.Data.Common;
using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Finds one request of a project by its id. There is no index of ids, which every request would pay for: an id that the edge made tells
/// when it was, and for one that the caller chose the project's records are gone through, the newest first.
/// </summary>
internal static class LogLookup
{
    // Between making the id and noting the time of arrival, and for what a clock is put right by meanwhile.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    // Shadows that wait for longer are hard to find.
    private static readonly TimeSpan LongestQueue = TimeSpan.FromMinutes(10);

    /// <summary>Of several with one id, which a caller may repeat, the last.</summary>
    /// <param name="connection">On which it is asked.</param>
    /// <param name="projectId">Whose.</param>
    /// <param name="requestId">Which.</param>
    /// <param name="older">Where a response before this one has stopped; null: there was none.</param>
    /// <param name="budget">How much is looked at where the id does not tell its time.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<LogFound> FindAsync(DbConnection connection, string projectId, string requestId, LogCursor? older, LogBudget budget, CancellationToken cancellation)
    {
        if (older is null && RequestId.TryReadTime(requestId, out var made) && await Around(projectId, requestId, made).ReadAsync(connection, limit: 1, cancellation) is [var near])
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

    /// <summary>The copy of a request that was sent to another model when it was over.</summary>
    /// <returns>Null: there is none.</returns>
    public static async Task<RequestRecord?> ShadowOfAsync(DbConnection connection, RequestRecord original, CancellationToken cancellation)
    {
        var records = Anytime(original.ProjectId, ShadowIds.Of(original.RequestId));
        var ended = original.StartedAt.AddMicroseconds(original.DurationMicroseconds);
        records.From(ended - Tolerance);
        records.Before((ended + LongestQueue).ToUnixTimeMilliseconds());
        return await records.ReadAsync(connection, limit: 1, cancellation) is [var row] ? row.Record : null;
    }

    internal static RecordQuery Around(string projectId, string requestId, DateTimeOffset at)
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
