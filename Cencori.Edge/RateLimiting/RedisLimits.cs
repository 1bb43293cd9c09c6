using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Cencori.Edge.Redis;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting;

/// <summary>What the projects of one edge share on their way to Redis.</summary>
internal sealed class RedisLimits
{
    public const string CallsName = "cencori.edge.rate_limiter.redis.calls";

    // Somebody looks at a page meanwhile.
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromMilliseconds(500);

    private readonly RedisConnection _connection;
    private readonly RedisDeadline _deadline;
    private readonly Counter<long> _calls;

    private long _lastCall;

    public RedisLimits(RedisConnection connection, RedisAvailability availability, RedisDeadline deadline, IOptions<RateLimitingOptions> options, IMeterFactory meters)
    {
        _connection = connection;
        _deadline = deadline;
        _calls = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(CallsName, "{call}", "Round trips to Redis for limits.");
        connection.Restored += () => Restored?.Invoke();
        Availability = availability;
        Mode = options.Value.OnRedisFailure;
    }

    /// <summary>Redis is there again, and may have lost its memory.</summary>
    public event Action? Restored;

    /// <summary>What Redis knows this run of an edge by.</summary>
    public RedisValue Edge { get; } = $"edge:{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    /// <summary>Number of the call that this edge began last, for whichever project.</summary>
    public long LastCall => Volatile.Read(ref _lastCall);

    /// <summary>After this time without a call, slots are free: their edge is gone.</summary>
    public TimeSpan SlotLifetime { get; init; } = TimeSpan.FromSeconds(15);

    public RedisAvailability Availability { get; }

    /// <summary>What holds while it is not available.</summary>
    public RedisFailureMode Mode { get; }

    public TimeProvider Time => _deadline.Time;

    public CallCoalescer<RedisCall> CallsOf(IRedisParticipant<RedisCall> project, Lock gate, string id) => new(project, gate, Availability, _deadline, id);

    public long NextCall() => Interlocked.Increment(ref _lastCall);

    public async Task<long[]> EvaluateAsync(RedisKey[] key, RedisCall call, (Int128? Requests, Int128? Tokens) levels)
    {
        _calls.Add(1);
        return (long[])(await _connection.Database.ScriptEvaluateAsync(RedisScript.Text, key, call.Arguments(Edge, SlotLifetime, levels)))!;
    }

    /// <summary>Whether Redis does for this project, right now, all that an acquire needs. Leaves its balance alone.</summary>
    /// <param name="projectId">Whose.</param>
    /// <param name="timeout">Null: as long as a request waits.</param>
    public Task ProbeAsync(string projectId, TimeSpan? timeout = null)
    {
        var acquire = new PendingAcquire(new(projectId, new(60, 60, 60, 60), 1), 1);
        var calling = EvaluateAsync([$"cencori:{{{projectId}}}:probe:balances"], new RedisCall(NextCall(), acknowledged: 0, slots: 0, [], [acquire]), default);
        return timeout is { } time ? _deadline.WaitAsync(calling, time) : _deadline.WaitAsync(calling);
    }

    /// <summary>What Redis remembers of a project's balance. Null: it does not say in time.</summary>
    public async Task<RedisBucketState?> ReadStateAsync(string id, CancellationToken cancellation)
    {
        try
        {
            var looking = _connection.Database.ScriptEvaluateAsync(RedisBucketState.Script, [KeyOf(id)]);
            return RedisBucketState.Read(await looking.WaitAsync(ReadTimeout, Time, cancellation));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Whoever looks must not shut Redis off for those who ask.
            return null;
        }
    }

    /// <summary>Where a project's balance is.</summary>
    public static RedisKey KeyOf(string id) => $"cencori:{{{id}}}:balances";

    public Task ReconfigureAsync() => _connection.ReconfigureAsync();
}
