using System.Buffers.Binary;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Keys;

/// <summary>
/// Knows which keys exist at all, so that a flood of made-up keys costs neither a database round trip each nor memory:
/// eight bytes of hash for every stored key, and nothing for an unknown one.
/// </summary>
/// <remarks>
/// A key made by another edge is found by reading what was added since; unknown keys together cause at most one such
/// read in <see cref="RefreshInterval"/>.
/// </remarks>
public sealed class KnownKeyFilter(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(250);

    // Another edge's clock and an open transaction may date a key a little before it becomes visible here.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    // A clock may be later still, and a database may come back from a copy: now and then everything is read.
    private static readonly TimeSpan WholeInterval = TimeSpan.FromMinutes(1);

    private readonly HashSet<ulong> _known = [];
    private readonly Lock _lock = new();
    private Task? _refresh;
    private long _refreshStartedAt;
    private DateTimeOffset _readUpTo = DateTimeOffset.UnixEpoch;
    private DateTimeOffset _readWholeAt = DateTimeOffset.UnixEpoch;

    /// <summary>False only where no such key was stored when the index was last read.</summary>
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

            // A failed read is shared for as long as a good one: a database that is away is not asked by every stranger.
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

    /// <summary>A key that this edge has just stored.</summary>
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
        var isWhole = startedAt - _readWholeAt >= WholeInterval;
        var since = isWhole ? DateTimeOffset.UnixEpoch : _readUpTo - Overlap;

        await using var database = await contexts.CreateDbContextAsync();
        var hashes = await database.ApiKeys.Where(row => row.CreatedAt >= since).Select(row => row.Hash).ToListAsync();

        lock (_lock)
        {
            foreach (var hash in hashes)
            {
                _known.Add(BinaryPrimitives.ReadUInt64BigEndian(hash));
            }

            _readUpTo = startedAt;
            _readWholeAt = isWhole ? startedAt : _readWholeAt;
        }
    }
}
