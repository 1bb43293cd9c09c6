using System.Collections.Concurrent;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// Limits the sandbox's work for each key: output bytes at once, and output bytes per minute. Work is counted after it is done, so that
/// its cost need not be known before; a key that has used too much waits. Thread-safe.
/// </summary>
internal sealed class SandboxWork(TimeProvider time)
{
    /// <summary>Bytes at once: seven bursts of 10,000 tokens.</summary>
    public const long AtATime = 16 * 1024 * 1024;

    /// <summary>Bytes per minute, which cost about a twentieth of a core.</summary>
    public const long InAMinute = 60 * 1024 * 1024;

    // Reading a byte and splitting it into tokens takes as long as writing several.
    private const int ReadFactor = 4;

    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Bucket> _keys = new(StringComparer.Ordinal);

    /// <summary>How long until this key has something left; zero: now. Null means no key, which is not limited.</summary>
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

        var bucket = _keys.GetOrAdd(key, static (_, time) => new Bucket(AtATime, InAMinute, time.TimestampFrequency, time.GetTimestamp()), time);
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

    // Forgetting a full bucket loses nothing: a new one is full too.
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
