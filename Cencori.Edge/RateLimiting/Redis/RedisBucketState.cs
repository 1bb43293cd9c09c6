using System.Globalization;
using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>The state that <see cref="RedisScript"/> keeps for a project, read without changing it.</summary>
internal sealed class RedisBucketState
{
    /// <summary>Returns the current time of Redis, up to which the edge refills the stored balances, and the whole hash.</summary>
    public const string Script = ScriptPrelude.Text + "return { text(now), redis.call('HGETALL', KEYS[1]) }";

    private const long MicrosecondsPerSecond = 1_000_000;

    private readonly long _now;
    private readonly Dictionary<string, string> _fields;

    private RedisBucketState(long now, Dictionary<string, string> fields) => (_now, _fields) = (now, fields);

    public static RedisBucketState Read(RedisResult reply)
    {
        var fields = (string[])reply[1]!;
        return new((long)reply[0], fields.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
    }

    /// <param name="limits">The limits in force.</param>
    /// <param name="slotsHere">Requests in progress on this edge, used if concurrency is unlimited: Redis counts slots only under a limit.</param>
    public LimitLevels Levels(RateLimits limits, long slotsHere) => new(
        Bucket("requests", limits.Burst ?? limits.RequestsPerMinute, limits.RequestsPerMinute),
        Bucket("tokens", limits.TokensPerMinute, limits.TokensPerMinute),
        limits.ConcurrentRequests is null ? slotsHere : Slots(),
        LimitStore.Redis);

    // A project unknown to Redis has full buckets.
    private BucketLevel? Bucket(string name, long? capacity, long? perMinute)
    {
        if (capacity is not { } holds || perMinute is not { } refills)
        {
            return null;
        }

        if (!_fields.ContainsKey(name) || !_fields.ContainsKey(name + "_capacity"))
        {
            return new Bucket(holds, refills, MicrosecondsPerSecond, _now).CurrentLevel;
        }

        // The clock has steps of one microsecond, so that the bucket's units equal those of the script.
        var bucket = new Bucket(Number(name + "_capacity"), Number(name + "_rate"), MicrosecondsPerSecond, Number("at"));
        bucket.Adopt(Number(name), RedisScript.UnitsPerPermit, Number("at"));
        bucket.Refill(_now);
        bucket.Resize(holds, refills);
        return bucket.CurrentLevel;
    }

    private long Slots() => _fields.Where(field => field.Key.StartsWith("edge:", StringComparison.Ordinal))
        .Select(field => field.Value.Split(' '))
        .Where(slot => long.Parse(slot[2], CultureInfo.InvariantCulture) > _now)
        .Sum(slot => long.Parse(slot[1], CultureInfo.InvariantCulture));

    private long Number(string field) => long.Parse(_fields[field], CultureInfo.InvariantCulture);
}
