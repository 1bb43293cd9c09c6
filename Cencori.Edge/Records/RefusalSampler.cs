using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records;

/// <summary>
/// Limits, per project and second, how many requests that reached no provider get a row in <c>request_records</c>: a caller can repeat such requests at no
/// cost, and must not fill the database. The roll-ups count all of these requests. Not thread-safe.
/// </summary>
internal sealed class RefusalSampler
{
    /// <summary>
    /// Number of refused requests that get a row, per project and second. After that, only the first request of each error code in that second gets a row:
    /// a flood of one error code must not hide another.
    /// </summary>
    public const int PerSecond = 10;

    /// <summary>
    /// Number of requests, abandoned by the caller before a response, that get a row, per project and second. Higher than <see cref="PerSecond"/>, because each
    /// of these requests cost the caller a connection.
    /// </summary>
    public const int AbandonedPerSecond = 100;

    // Number of projects whose rows are counted. With more, all counts of the current second are cleared, which lets a few more rows through.
    private const int MaxProjects = 10_000;

    private static readonly FrozenDictionary<string, int> Codes =
        ErrorKind.All.Select((kind, index) => (kind.Code, index)).ToFrozenDictionary(pair => pair.Code, pair => pair.index, StringComparer.Ordinal);

    private readonly Dictionary<string, Moment> _projects = [];

    public bool Keeps(RequestRecord record)
    {
        if (HasReachedProvider(record))
        {
            return true;
        }

        if (_projects.Count > MaxProjects)
        {
            _projects.Clear();
        }

        var second = record.StartedAt.ToUnixTimeSeconds();
        ref var project = ref CollectionsMarshal.GetValueRefOrAddDefault(_projects, record.ProjectId, out _);

        // Does not reset the counts for a late record of the previous second: records arrive from many threads. A jump of a minute means that the clock was set back.
        if (second > project.Second || second < project.Second - 60)
        {
            project = new() { Second = second };
        }

        if (record.Outcome == RequestOutcome.Cancelled)
        {
            return ++project.Abandoned <= AbandonedPerSecond;
        }

        var code = 1UL << Codes.GetValueOrDefault(record.ErrorCode ?? "", 63);
        var isFirst = (project.Codes & code) == 0;
        project.Codes |= code;
        return ++project.Rows <= PerSecond || isFirst;
    }

    private static bool HasReachedProvider(RequestRecord record) =>
        record.Outcome != RequestOutcome.RateLimited
        && (record.Status < 400 || (record.Provider is not null && (record.Attempts is not { Count: > 0 } attempts || attempts.Any(attempt => attempt.Outcome != RequestAttempt.NeverSent))));

    private struct Moment
    {
        public long Second;
        public int Rows;
        public int Abandoned;
        public ulong Codes;
    }
}
