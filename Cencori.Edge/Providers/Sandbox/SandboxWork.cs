using System.Collections.Concurrent;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>
/// How much the sandbox does for one key: so many bytes of responses at a time, and so many in a minute. Work is counted when it is done, so
/// that what a request costs need not be known before; whoever has had too much waits. Safe for use from several threads.
/// </summary>
internal sealed class SandboxWork(TimeProvider time)
{
    /// <summary>Bytes at a time: seven bursts of 10,000 tokens.</summary>
    public const long AtATime = 16 * 1024 * 1024;

    /// <summary>Bytes in a minute, which take some twentieth of a core.</summary>
    public const long InAMinute = 60 * 1024 * 1024;

    // To read a byte and to find its tokens takes as long as writing several.
    private const int ReadFactor = 4;

    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, Bucket> _keys = new(StringComparer.Ordinal);

    /// <summary>How long until there is something left for this key; zero: there is. Null stands for nobody, who is not counted.</summary>
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

    // A full bucket is no other than a new one.
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
