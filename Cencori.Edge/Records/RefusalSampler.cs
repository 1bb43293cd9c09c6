using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records;

/// <summary>
/// Which requests that reached no provider get a row of their own: so many a second per project, because whoever has a key can repeat them
/// at will, at no cost, and must not fill the database. All of them count in the roll-ups. Not thread-safe.
/// </summary>
internal sealed class RefusalSampler
{
    /// <summary>Of refusals. The first of each error code has one as well: a flood of one kind must not hide another.</summary>
    public const int PerSecond = 10;

    /// <summary>Of callers that left before there was a response, each of which has cost its caller a connection.</summary>
    public const int AbandonedPerSecond = 100;

    // Beyond these the counts of the current second are forgotten, which lets a few more rows through.
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

        // Refusals of one moment arrive from many threads; a straggler of the second before must not begin it anew. A clock may be set back.
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
