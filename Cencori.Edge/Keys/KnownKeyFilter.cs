using System.Buffers.Binary;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Keys;

/// <summary>
/// Holds eight bytes of the hash of each stored key in memory. So requests with invented keys cause no database query of their own, and take
/// no memory, however many such keys there are.
/// </summary>
/// <remarks>
/// A key created by another edge is found by reading the keys added since the last read. All unknown keys together cause at most
/// one such read per <see cref="RefreshInterval"/>.
/// </remarks>
public sealed class KnownKeyFilter(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(250);

    // Each read also covers this time before the last read: with a clock difference or an open transaction, a key becomes visible after its creation time.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    // All keys are read again at this interval: clocks may differ by more than the overlap, and a database may be restored from a backup.
    private static readonly TimeSpan FullReadInterval = TimeSpan.FromMinutes(1);

    private readonly HashSet<ulong> _known = [];
    private readonly Lock _lock = new();
    private Task? _refresh;
    private long _refreshStartedAt;
    private DateTimeOffset _readUpTo = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _fullReadAt = DateTimeOffset.UnixEpoch;

    /// <summary>False only if no key with this hash was stored at the last read.</summary>
    public async ValueTask<bool> MayExistAsync(KeyHash hash)
    {
        Task refresh;
        lock (_lock)
        {
            if (_known.Contains(hash.A))
            {
                return true;
            }

            var isRecent = _refresh is not null && time.GetElapsedTime(_refreshStartedAt) < RefreshInterval;
            if (isRecent && _refresh!.IsCompletedSuccessfully)
            {
                return false;
            }

            // After a failed read, the next read waits as long as after a successful read, so that unknown keys do not overload a failing database.
            if (_refresh is not { IsCompleted: false } && !isRecent)
            {
                _refreshStartedAt = time.GetTimestamp();
                _refresh = RefreshAsync();
            }

            refresh = _refresh!;
        }

        await refresh;
        lock (_lock)
        {
            return _known.Contains(hash.A);
        }
    }

    /// <summary>Adds a key that this edge has just stored.</summary>
    public void Add(KeyHash hash)
    {
        lock (_lock)
        {
            _known.Add(hash.A);
        }
    }

    private async Task RefreshAsync()
    {
        await Task.Yield();
        var startedAt = time.GetUtcNow();
        var isComplete = startedAt - _fullReadAt >= FullReadInterval;
        var since = isComplete ? DateTimeOffset.UnixEpoch : _readUpTo - Overlap;

        await using var database = await contexts.CreateDbContextAsync();
        var hashes = await database.ApiKeys.Where(row => row.CreatedAt >= since).Select(row => row.Hash).ToListAsync();

        lock (_lock)
        {
            foreach (var hash in hashes)
            {
                _known.Add(BinaryPrimitives.ReadUInt64BigEndian(hash));
            }

            _readUpTo = startedAt;
            _fullReadAt = isComplete ? startedAt : _fullReadAt;
        }
    }
}
