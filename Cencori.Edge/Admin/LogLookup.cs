using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

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
        (RequestId.TryReadTime(requestId, out var at) ? await Around(database, projectId, requestId, at).FirstOrDefaultAsync(cancellation) : null)
        ?? await Anytime(database, projectId, requestId).FirstOrDefaultAsync(cancellation);

    internal static IQueryable<RequestRecord> Around(EdgeDbContext database, string projectId, string requestId, DateTimeOffset at)
    {
        var (from, to) = (at - Tolerance, at + Tolerance);
        return Anytime(database, projectId, requestId).Where(row => row.StartedAt >= from && row.StartedAt <= to);
    }

    internal static IQueryable<RequestRecord> Anytime(EdgeDbContext database, string projectId, string requestId) =>
        database.RequestRecords.AsNoTracking().Where(row => row.ProjectId == projectId && row.RequestId == requestId)
            .OrderByDescending(row => row.StartedAt).ThenByDescending(row => EF.Property<long>(row, UsageModel.RecordId));
}
