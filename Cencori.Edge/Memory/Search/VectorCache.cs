using System.Diagnostics.Metrics;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Memory.Search;

/// <summary>
/// Caches the vectors of searched namespaces in memory. A search first reads the namespace's row, which has the current revision (a counter of writes). The cache then
/// reads only the entries with newer revisions, so no search uses stale data.
/// </summary>
internal sealed class VectorCache
{
    public const string BytesName = "cencori.edge.memory.cache.size";

    private const string Subject = "memory";

    // A namespace's vectors are read again completely when more than 1/4 of the cached rows belong to deleted entries.
    private const int MaxDeletedShare = 4;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(30);

    private readonly VectorReader _reader;
    private readonly CacheInvalidation _invalidation;
    private readonly TimeProvider _time;
    private readonly long _maxBytes;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private long _bytes;

    public VectorCache(VectorReader reader, CacheInvalidation invalidation, IOptions<MemoryOptions> options, IMeterFactory meters, TimeProvider time)
    {
        (_reader, _invalidation, _time, _maxBytes) = (reader, invalidation, time, (long)options.Value.CacheMegabytes * 1024 * 1024);
        invalidation.Subscribe(Subject, Forget, static () => { });
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(BytesName, () => Bytes, "By", "Memory used by the cached vectors of searched namespaces; limited by Memory:CacheMegabytes.");
    }

    /// <summary>Memory that the cached vectors use, in bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Returns the vectors of a namespace, with all writes up to the revision of <paramref name="space"/>.</summary>
    /// <returns>Null: the vectors need more memory than the cache may use.</returns>
    public async ValueTask<VectorSet?> GetAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        var min = (long)space.StoredCount * space.Dimensions * sizeof(float);
        Held held;
        lock (_lock)
        {
            if (!_held.TryGetValue(space.Id, out held!))
            {
                _held[space.Id] = held = new();
            }

            held.UsedAt = _time.GetTimestamp();
            if (min > _maxBytes || (held.TooLargeFromCount is { } many && space.StoredCount >= many))
            {
                (held.TooLargeFromCount, held.Set) = (Math.Min(space.StoredCount, held.TooLargeFromCount ?? int.MaxValue), null);
                Account(held, 0);
                return null;
            }
        }

        if (held.Set is { } current && Serves(current, space))
        {
            return current;
        }

        // One search reads the vectors from the database. Other searches of the namespace wait until it has finished.
        await held.Gate.WaitAsync(cancellation);
        try
        {
            var known = held.Set;
            if (known is not null && Serves(known, space))
            {
                return known;
            }

            // Memory is reserved before reading, so that concurrent reads together stay within the limit.
            Reserve(space.Id, held, min);
            var set = await ReadAsync(known, space, cancellation);
            if (set is null)
            {
                lock (_lock)
                {
                    (held.TooLargeFromCount, held.Set) = (space.StoredCount, null);
                    Account(held, 0);
                }

                return null;
            }

            // A search that read the namespace's row before the embedding model changed uses vectors of the old model. They must not replace the vectors of
            // the new model in the cache.
            if (known is null || known.Generation <= set.Generation)
            {
                held.Set = set;
            }

            // Another search may have found meanwhile that the vectors are too many. Then the cache holds none.
            Reserve(space.Id, held, held.Set?.Bytes ?? 0);
            return set;
        }
        finally
        {
            held.Gate.Release();
        }
    }

    /// <summary>Drops the vectors of a deleted namespace from the caches of all edges.</summary>
    public Task DropAsync(string namespaceId)
    {
        Forget(namespaceId);
        return _invalidation.PublishAsync(Subject, namespaceId);
    }

    /// <summary>Drops the vectors of namespaces that have not been searched for half an hour.</summary>
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

    // Reads the vectors that the cached set lacks. Returns null if the vectors need more memory than the whole cache may use.
    private async Task<VectorSet?> ReadAsync(VectorSet? known, MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        if (known is not null && known.Generation == space.Generation && known.DeletedRows * MaxDeletedShare <= known.Count)
        {
            var next = known.At(space.Revision);
            if (!await ReadAsync(next, space, known.Revision, cancellation))
            {
                return null;
            }

            if (space.DeletedRevision > known.Revision)
            {
                next.MarkDeletedExcept(await _reader.NumbersAsync(space, cancellation));
            }

            return next;
        }

        var set = VectorSet.Empty(space.Dimensions, space.Generation, space.Revision);
        return await ReadAsync(set, space, -1, cancellation) ? set : null;
    }

    private async Task<bool> ReadAsync(VectorSet set, MemoryNamespaceRecord space, long after, CancellationToken cancellation)
    {
        using var full = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (bytes, isFull) = (set.Bytes, false);
        try
        {
            await _reader.ReadAsync(space, after, Add, full.Token);
        }
        catch (OperationCanceledException) when (isFull && !cancellation.IsCancellationRequested)
        {
            return false;
        }

        return !isFull;

        void Add(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> vector)
        {
            bytes += vector.Length + (metadata?.Length ?? 0);
            if (bytes > _maxBytes)
            {
                isFull = true;
                full.Cancel();
                return;
            }

            set.Add(number, expiresAt, metadata, vector);
        }
    }

    // Reserves memory for the vectors of a namespace. If necessary, evicts other namespaces' vectors, the least recently used first.
    private void Reserve(string id, Held held, long bytes)
    {
        lock (_lock)
        {
            // The namespace may already have been evicted. Then only this search uses the vectors.
            if (!_held.TryGetValue(id, out var existing) || existing != held)
            {
                return;
            }

            Account(held, bytes);
            while (_bytes > _maxBytes && _held.Where(pair => pair.Value != held && pair.Value.Bytes > 0).OrderBy(pair => pair.Value.UsedAt).Select(pair => pair.Key).FirstOrDefault() is { } oldest)
            {
                Remove(oldest, _held[oldest]);
            }
        }
    }

    private void Account(Held held, long bytes)
    {
        _bytes += bytes - held.Bytes;
        held.Bytes = bytes;
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
        Account(held, 0);
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

        /// <summary>Smallest number of entries whose vectors needed more memory than the whole cache may use. Null: the vectors always fitted so far.</summary>
        public int? TooLargeFromCount { get; set; }

        public long Bytes { get; set; }
    }
}
