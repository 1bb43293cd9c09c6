using System.Collections.Concurrent;
using BitFaster.Caching;
using BitFaster.Caching.Lru;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Projects;

/// <summary>
/// Caches snapshots of database rows, up to a capacity. A fresh entry needs no database read. An ageing entry is served and refreshed in the background.
/// An expired entry is read again before it is served; if the database does not respond, the cached value stays in use.
/// One read per key runs at a time, and a missing row is cached as missing.
/// </summary>
public sealed partial class SnapshotCache<TKey, TValue>(
    int capacity,
    Func<TKey, Task<TValue?>> read,
    TimeProvider time,
    ILogger logger)
    where TKey : notnull
    where TValue : class
{
    /// <summary>
    /// Soft TTL: serves the cached value and refreshes it in the background. If thousands of entries were first read together, their refreshes
    /// start <see cref="RefreshInterval"/> apart.
    /// </summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(30);

    /// <summary>Time between the starts of two background refreshes: enough for 15,000 entries before they expire.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(2);

    /// <summary>Hard TTL: an older entry is not served while the database responds.</summary>
    public static readonly TimeSpan ExpireAfter = TimeSpan.FromSeconds(60);

    /// <summary>Timeout of a database read if an expired entry exists. After this time the cached value is served.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private const int MaxRefreshes = 8;

    private readonly ICache<TKey, Entry> _entries = new ConcurrentLruBuilder<TKey, Entry>().WithCapacity(capacity).Build();
    private readonly ConcurrentDictionary<TKey, Lazy<Task<Entry>>> _reads = new();
    private readonly Lock _storeLock = new();
    private readonly ThrottledWarning _stale = new(time);
    private long _invalidations;
    private long _distrustedUntil = long.MinValue;
    private long _refreshedAt = time.GetTimestamp();
    private int _refreshes;

    /// <summary>The row's snapshot, or null if the row does not exist.</summary>
    public ValueTask<TValue?> GetAsync(TKey key) =>
        TryGet(key, out var value) ? value : AwaitAsync(ReadOnceAsync(key));

    /// <summary>Like <see cref="GetAsync"/>, but returns false if the row is not cached.</summary>
    public bool TryGet(TKey key, out ValueTask<TValue?> value)
    {
        value = default;
        if (!_entries.TryGet(key, out var entry))
        {
            return false;
        }

        var age = time.GetElapsedTime(entry.ReadAt);
        var isTrusted = entry.ReadAt > Volatile.Read(ref _distrustedUntil);
        if (age < RefreshAfter && isTrusted)
        {
            value = new(entry.Value);
            return true;
        }

        if (age >= ExpireAfter || !isTrusted)
        {
            value = AwaitAsync(ReadOnceAsync(key), entry);
            return true;
        }

        if (ShouldRefresh())
        {
            _ = RefreshAsync(key);
        }

        value = new(entry.Value);
        return true;
    }

    /// <summary>Removes an entry. The next request reads the row again; the result of a read under way is discarded.</summary>
    public void Invalidate(TKey key)
    {
        lock (_storeLock)
        {
            _invalidations++;
            _entries.TryRemove(key);
        }
    }

    /// <summary>Expires all entries: each row is read again before it is served, if the database responds. Call it if any row may have changed.</summary>
    public void InvalidateAll()
    {
        lock (_storeLock)
        {
            _invalidations++;
            Volatile.Write(ref _distrustedUntil, time.GetTimestamp());
        }
    }

    private static async ValueTask<TValue?> AwaitAsync(Task<Entry> reading) => (await reading).Value;

    private async ValueTask<TValue?> AwaitAsync(Task<Entry> reading, Entry known)
    {
        try
        {
            return (await reading.WaitAsync(Timeout, time)).Value;
        }
        catch (TimeoutException)
        {
            return known.Value;
        }
    }

    private bool ShouldRefresh()
    {
        var (last, now) = (Volatile.Read(ref _refreshedAt), time.GetTimestamp());
        return Volatile.Read(ref _refreshes) < MaxRefreshes && time.GetElapsedTime(last, now) >= RefreshInterval
            && Interlocked.CompareExchange(ref _refreshedAt, now, last) == last;
    }

    private async Task RefreshAsync(TKey key)
    {
        Interlocked.Increment(ref _refreshes);
        await ((Task)ReadOnceAsync(key)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _refreshes);
    }

    private Task<Entry> ReadOnceAsync(TKey key) =>
        _reads.GetOrAdd(key, static (key, cache) => new Lazy<Task<Entry>>(() => cache.ReadAsync(key)), this).Value;

    private async Task<Entry> ReadAsync(TKey key)
    {
        // A database driver may run synchronously. The request that triggered a background refresh must not wait for the driver.
        await Task.Yield();
        try
        {
            while (true)
            {
                var invalidations = Volatile.Read(ref _invalidations);
                var entry = new Entry(await read(key), time.GetTimestamp());
                lock (_storeLock)
                {
                    if (invalidations == _invalidations)
                    {
                        return Finish(key, entry);
                    }
                }
            }
        }
        catch (Exception exception)
        {
            lock (_storeLock)
            {
                if (_entries.TryGet(key, out var known))
                {
                    if (_stale.IsDue())
                    {
                        Log.ServingStale(logger, exception, typeof(TValue).Name);
                    }

                    return Finish(key, new Entry(known.Value, time.GetTimestamp()));
                }

                _reads.TryRemove(key, out _);
            }

            throw;
        }
    }

    // The caller must hold the lock. Otherwise a request that arrives after an invalidation could receive the result of an earlier read.
    private Entry Finish(TKey key, Entry entry)
    {
        _entries.AddOrUpdate(key, entry);
        _reads.TryRemove(key, out _);
        return entry;
    }

    private sealed record Entry(TValue? Value, long ReadAt);

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "The database does not respond; a cached {Snapshot} stays in use. Logged at most once a minute.", EventName = "ServingStale")]
        public static partial void ServingStale(ILogger logger, Exception exception, string snapshot);
    }
}
