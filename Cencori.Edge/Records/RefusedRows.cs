using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records;

/// <summary>
/// Which refusals of the limits, and of keys that are no longer valid, get a row of their own: so many a second per project, because a
/// client that runs wild must not fill the database. All of them count in the roll-ups. Not thread-safe.
/// </summary>
internal sealed class RefusedRows
{
    public const int PerSecond = 10;

    // Beyond these the count of the current second is forgotten, which lets a few more rows through.
    private const int MaxProjects = 10_000;

    private readonly Dictionary<string, (long Second, int Rows)> _projects = [];

    public bool Keeps(RequestRecord record)
    {
        if (record.Outcome != RequestOutcome.RateLimited && record.ErrorCode != ErrorKind.InvalidApiKey.Code)
        {
            return true;
        }

        if (_projects.Count > MaxProjects)
        {
            _projects.Clear();
        }

        var second = record.StartedAt.ToUnixTimeSeconds();
        ref var project = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_projects, record.ProjectId, out _);

        // Refusals of one moment arrive from many threads; a straggler of the second before must not begin it anew. A clock may be set back.
        if (second > project.Second || second < project.Second - 60)
        {
            project = (second, 0);
        }

        return ++project.Rows <= PerSecond;
    }
}
