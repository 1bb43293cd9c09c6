using System.Diagnostics.Metrics;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Memory;

/// <summary>
/// Vectors of namespaces that are searched, in memory. A search has read the namespace's row and names the revision that it wants: what an
/// edge has missed it reads then, and no search is answered by what was true before.
/// </summary>
internal sealed class VectorCache
{
    public const string BytesName = "cencori.edge.memory.cache.size";

    private const string Subject = "memory";

    // A set is read anew where so large a part of it is gone.
    private const int GoneShare = 4;

    /// <summary>What nobody has searched for so long goes.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    private readonly VectorReader _reader;
    private readonly Announcements _announcements;
    private readonly TimeProvider _time;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private long _bytes;

    public VectorCache(VectorReader reader, Announcements announcements, IOptions<MemoryOptions> options, IMeterFactory meters, TimeProvider time)
    {
        (_reader, _announcements, _time, _maxBytes) = (reader, announcements, time, (long)options.Value.CacheMegabytes * 1024 * 1024);
        announcements.Subscribe(Subject, Forget, static () => { });
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(BytesName, () => Bytes, "By", "Memory that vectors of searched namespaces take; Memory:CacheMegabytes bounds it.");
    }

    /// <summary>Memory that it takes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>The vectors of the namespace as its row has been read.</summary>
    /// <returns>Null: there are more than may be held.</returns>
    public async ValueTask<VectorSet?> GetAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        if ((long)space.StoredCount * space.Dimensions * sizeof(float) > _maxBytes)
        {
            Forget(space.Id);
            return null;
        }

        Held held;
        lock (_lock)
        {
            if (!_held.TryGetValue(space.Id, out held!))
            {
                _held[space.Id] = held = new();
            }

            held.UsedAt = _time.GetTimestamp();
        }

        if (held.Set is { } current && Serves(current, space))
        {
            return current;
        }

        // One reads for all that wait.
        await held.Gate.WaitAsync(cancellation);
        try
        {
            var set = held.Set is { } known && Serves(known, space) ? known : await ReadAsync(held.Set, space, cancellation);
            Keep(space.Id, held, set);
            return set;
        }
        finally
        {
            held.Gate.Release();
        }
    }

    /// <summary>Nobody searches it any more, on this edge and on the others.</summary>
    public Task DropAsync(string namespaceId)
    {
        Forget(namespaceId);
        return _announcements.AnnounceAsync(Subject, namespaceId);
    }

    /// <summary>Lets go of what nobody has used for long.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (var (id, held) in _held.Where(pair => _time.GetElapsedTime(pair.Value.UsedAt) > Idle).ToList())
            {
                Remove(id, held);
            }
        }
    }

    private static bool Serves(VectorSet set, MemoryNamespaceRecord space) => set.Generation == space.Generation && set.Revision >= space.Revision;

    private async Task<VectorSet> ReadAsync(VectorSet? known, MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        // A set of a generation that is over may be asked for by who read the row before.
        if (known is not null && known.Generation == space.Generation && known.Gone * GoneShare <= known.Count)
        {
            var next = known.At(space.Revision);
            await _reader.ReadAsync(space, known.Revision, next.Add, cancellation);
            if (space.DeletedRevision > known.Revision)
            {
                next.Keep(await _reader.NumbersAsync(space, cancellation));
            }

            return next;
        }

        var set = VectorSet.Empty(space.Dimensions, space.Generation, space.Revision);
        await _reader.ReadAsync(space, -1, set.Add, cancellation);
        return set;
    }

    private void Keep(string id, Held held, VectorSet set)
    {
        lock (_lock)
        {
            held.Set = set;

            // It may have been forgotten in between: then it serves this search alone.
            if (!_held.TryGetValue(id, out var there) || there != held)
            {
                return;
            }

            var bytes = set.Bytes;
            _bytes += bytes - held.Bytes;
            held.Bytes = bytes;
            while (_bytes > _maxBytes && _held.Count > 1)
            {
                var (oldest, other) = _held.Where(pair => pair.Value != held).MinBy(pair => pair.Value.UsedAt);
                Remove(oldest, other);
            }
        }
    }

    private void Forget(string id)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(id, out var held))
            {
                Remove(id, held);
            }
        }
    }

    private void Remove(string id, Held held)
    {
        _held.Remove(id);
        _bytes -= held.Bytes;
        held.Bytes = 0;
    }

    private sealed class Held
    {
        private volatile VectorSet? _set;

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public VectorSet? Set
        {
            get => _set;
            set => _set = value;
        }

        public long UsedAt { get; set; }

        public long Bytes { get; set; }
    }
}
