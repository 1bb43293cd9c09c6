using System.Collections.Concurrent;
using BitFaster.Caching;
using BitFaster.Caching.Lru;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Projects;

/// <summary>
/// Reads rows through a bounded memory. A fresh entry costs no database; an ageing one is read again in the background
/// while it is still served; an old one is read again before it is served, unless the database is away — then what was
/// known goes on holding. One read of a key is under way at a time, and a missing row is remembered as missing.
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
    /// Age from which an entry is read again behind the back of a request that meets it; where thousands were first read together,
    /// <see cref="RefreshInterval"/> after one another.
    /// </summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(30);

    /// <summary>Time between the beginnings of two reads that nobody waits for: enough for 15,000 entries before they are old.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(2);

    /// <summary>Age past which no entry is served while the database answers.</summary>
    public static readonly TimeSpan ExpireAfter = TimeSpan.FromSeconds(60);

    /// <summary>How long a request waits for a database that neither answers nor fails, when it could go on with what is known.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private const int MaxRefreshes = 8;

    private readonly ICache<TKey, Entry> _entries = new ConcurrentLruBuilder<TKey, Entry>().WithCapacity(capacity).Build();
    private readonly ConcurrentDictionary<TKey, Lazy<Task<Entry>>> _reads = new();
    private readonly Lock _storing = new();
    private readonly ThrottledWarning _stale = new(time);
    private long _invalidations;
    private long _distrustedUntil = long.MinValue;
    private long _refreshedAt = time.GetTimestamp();
    private int _refreshes;

    /// <summary>The row's snapshot, or null where there is none.</summary>
    public ValueTask<TValue?> GetAsync(TKey key) =>
        TryGet(key, out var value) ? value : AwaitAsync(ReadOnceAsync(key));

    /// <summary>As <see cref="GetAsync"/>, but false where nothing is known of the row yet.</summary>
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

        if (IsTurnToRefresh())
        {
            _ = RefreshAsync(key);
        }

        value = new(entry.Value);
        return true;
    }

    /// <summary>Forgets the row: the next request reads it again, and a read that is under way is not believed.</summary>
    public void Invalidate(TKey key)
    {
        lock (_storing)
        {
            _invalidations++;
            _entries.TryRemove(key);
        }
    }

    /// <summary>Any row may have changed: each is read again before it is served, unless the database is away.</summary>
    public void InvalidateAll()
    {
        lock (_storing)
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

    private bool IsTurnToRefresh()
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
        // A database driver may work synchronously; the request that only wanted a refresh must not pay for it.
        await Task.Yield();
        try
        {
            while (true)
            {
                var invalidations = Volatile.Read(ref _invalidations);
                var entry = new Entry(await read(key), time.GetTimestamp());
                lock (_storing)
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
            lock (_storing)
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

    // Under the lock in one step: whoever asks after an invalidation must join no read that ended before it.
    private Entry Finish(TKey key, Entry entry)
    {
        _entries.AddOrUpdate(key, entry);
        _reads.TryRemove(key, out _);
        return entry;
    }

    private sealed record Entry(TValue? Value, long ReadAt);

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Error, "The database does not answer; a known {Snapshot} stays in force. Told once a minute at most.", EventName = "ServingStale")]
        public static partial void ServingStale(ILogger logger, Exception exception, string snapshot);
    }
}
