using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Cencori.Edge.Redis;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>Access to Redis, shared by all projects of one edge.</summary>
internal sealed class RedisLimits
{
    public const string CallsName = "cencori.edge.rate_limiter.redis.calls";

    // Timeout of a read for display. Longer than the timeout of requests, because no request waits for this read, only an administrator's page.
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

    /// <summary>Raised when Redis is back. It may have lost its data.</summary>
    public event Action? Restored;

    /// <summary>Identifies this run of the edge in Redis.</summary>
    public RedisValue Edge { get; } = $"edge:{RandomNumberGenerator.GetHexString(16, lowercase: true)}";

    /// <summary>Number of the last call that this edge began, for any project.</summary>
    public long LastCall => Volatile.Read(ref _lastCall);

    /// <summary>After this time without a call from an edge, the edge counts as stopped, and its slots become free.</summary>
    public TimeSpan SlotLifetime { get; init; } = TimeSpan.FromSeconds(15);

    public RedisAvailability Availability { get; }

    /// <summary>The mode that applies while Redis is unavailable.</summary>
    public RedisFailureMode Mode { get; }

    public TimeProvider Time => _deadline.Time;

    public CallCoalescer<RedisCall> CallsOf(IRedisParticipant<RedisCall> project, Lock gate, string id) => new(project, gate, Availability, _deadline, id);

    public long NextCall() => Interlocked.Increment(ref _lastCall);

    public async Task<long[]> EvaluateAsync(RedisKey[] key, RedisCall call, (Int128? Requests, Int128? Tokens) levels)
    {
        _calls.Add(1);
        return (long[])(await _connection.Database.ScriptEvaluateAsync(RedisScript.Text, key, call.Arguments(Edge, SlotLifetime, levels)))!;
    }

    /// <summary>Checks that Redis can execute every command that an acquire needs. Does not change the project's balance.</summary>
    /// <param name="projectId">The project.</param>
    /// <param name="timeout">The timeout of the check. Null: the timeout of requests.</param>
    public Task ProbeAsync(string projectId, TimeSpan? timeout = null)
    {
        var acquire = new PendingAcquire(new(projectId, new(60, 60, 60, 60), 1), 1);
        var calling = EvaluateAsync([$"cencori:{{{projectId}}}:probe:balances"], new RedisCall(NextCall(), acknowledged: 0, slots: 0, [], [acquire]), default);
        return timeout is { } time ? _deadline.WaitAsync(calling, time) : _deadline.WaitAsync(calling);
    }

    /// <summary>Reads the stored balance of a project. Null: no reply in time.</summary>
    public async Task<RedisBucketState?> ReadStateAsync(string id, CancellationToken cancellation)
    {
        try
        {
            var reading = _connection.Database.ScriptEvaluateAsync(RedisBucketState.Script, [KeyOf(id)]);
            return RedisBucketState.Read(await reading.WaitAsync(ReadTimeout, Time, cancellation));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // A failed read for display must not mark Redis as unavailable for requests.
            return null;
        }
    }

    /// <summary>The key of a project's balance.</summary>
    public static RedisKey KeyOf(string id) => $"cencori:{{{id}}}:balances";

    public Task ReconfigureAsync() => _connection.ReconfigureAsync();
}
