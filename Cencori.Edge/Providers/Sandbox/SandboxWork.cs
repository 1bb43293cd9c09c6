using System.Collections.Concurrent;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// Limits the sandbox's work for each API key with a bucket of output bytes, which refills per minute. Work is counted after it is done, so that
/// its cost need not be known before. A caller whose key has used too much must wait. Thread-safe.
/// </summary>
internal sealed class SandboxWork(TimeProvider time)
{
    /// <summary>Capacity of the bucket in bytes: seven bursts of 10,000 tokens.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>Refill of the bucket in bytes per minute. Writing them takes about a twentieth of a core.</summary>
    public const long BytesPerMinute = 60 * 1024 * 1024;

    // How many written bytes a read byte counts as: reading and splitting a byte into tokens takes as long as writing several bytes.
    private const int ReadFactor = 4;

    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Bucket> _keys = new(StringComparer.Ordinal);

    /// <summary>Returns the time until the bucket of <paramref name="key"/> is above zero; zero: now. Null key: the request has no key and no limit.</summary>
    public TimeSpan Wait(string? key) => key is not null && _keys.TryGetValue(key, out var bucket) ? Wait(bucket) : TimeSpan.Zero;

    public void HasRead(string? key, long bytes) => HasWritten(key, bytes * ReadFactor);

    public void HasWritten(string? key, long bytes)
    {
        if (key is null)
        {
            return;
        }

        if (_keys.Count > MaxRemembered)
        {
            Forget();
        }

        var bucket = _keys.GetOrAdd(key, static (_, time) => new Bucket(MaxBytes, BytesPerMinute, time.TimestampFrequency, time.GetTimestamp()), time);
        lock (bucket)
        {
            bucket.Refill(time.GetTimestamp());
            bucket.Take(bytes);
        }
    }

    private TimeSpan Wait(Bucket bucket)
    {
        lock (bucket)
        {
            bucket.Refill(time.GetTimestamp());
            return bucket.TimeUntilCovers(1) ?? TimeSpan.Zero;
        }
    }

    // Drops full buckets. That loses nothing, because a new bucket is full, too.
    private void Forget()
    {
        foreach (var (key, bucket) in _keys)
        {
            lock (bucket)
            {
                bucket.Refill(time.GetTimestamp());
                if (bucket.IsFull)
                {
                    _keys.TryRemove(key, out _);
                }
            }
        }
    }
}
