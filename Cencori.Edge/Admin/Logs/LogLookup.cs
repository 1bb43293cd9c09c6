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

    /// <summary>Of several with one id, which a caller may repeat, the last. Null: nothing is kept of it.</summary>
    public static async Task<RequestRecord?> FindAsync(EdgeDbContext database, string projectId, string requestId, CancellationToken cancellation) =>
        (RequestId.TryReadTime(requestId, out var at) ? await FirstAsync(database, Around(projectId, requestId, at), cancellation) : null)
        ?? await FirstAsync(database, Anytime(projectId, requestId), cancellation);

    internal static RecordQuery Around(string projectId, string requestId, DateTimeOffset at)
    {
        var records = Anytime(projectId, requestId);
        records.From(at - Tolerance);
        records.Where("r.\"StartedAt\" <= @to", ("to", (at + Tolerance).ToUnixTimeMilliseconds()));
        return records;
    }

    internal static RecordQuery Anytime(string projectId, string requestId)
    {
        var records = new RecordQuery(projectId);
        records.WhereRequest(requestId);
        return records;
    }

    private static async Task<RequestRecord?> FirstAsync(EdgeDbContext database, RecordQuery records, CancellationToken cancellation) =>
        await records.ReadAsync(database, limit: 1, cancellation) is [var found] ? found.Record : null;
}
