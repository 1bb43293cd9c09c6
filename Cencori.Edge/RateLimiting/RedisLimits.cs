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

    // More than an answer ever needs from the socket to whoever waits for it.
    private const int TurnsInQueue = 16;

    private readonly RedisConnection _connection;
    private readonly Counter<long> _calls;

    private long _lastCall;

    public RedisLimits(RedisConnection connection, RedisAvailability availability, IOptions<RateLimitingOptions> options, IMeterFactory meters, TimeProvider time)
    {
        _connection = connection;
        Timeout = options.Value.RedisTimeout;
        _calls = meters.Create(EdgeTelemetry.MeterName).CreateCounter<long>(CallsName, "{call}", "Round trips to Redis for limits.");
        connection.Restored += () => Restored?.Invoke();
        Availability = availability;
        Time = time;
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

    public TimeProvider Time { get; }

    /// <summary>How long a call may take.</summary>
    public TimeSpan Timeout { get; }

    public long NextCall() => Interlocked.Increment(ref _lastCall);

    public async Task<long[]> EvaluateAsync(RedisKey[] key, RedisCall call, (Int128? Requests, Int128? Tokens) levels)
    {
        _calls.Add(1);
        return (long[])(await _connection.Database.ScriptEvaluateAsync(RedisScript.Text, key, call.Arguments(Edge, SlotLifetime, levels)))!;
    }

    /// <exception cref="TimeoutException">Redis has not answered in time.</exception>
    public async Task<long[]> WaitAsync(Task<long[]> calling, TimeSpan timeout)
    {
        // In two parts: when it was this process that stood still, the first one ends late, and the answer is here within the second.
        // It may also come after the alarm and before whoever the alarm wakes.
        for (var part = 0; part < 2 && !calling.IsCompleted; part++)
        {
            await ((Task)calling).WaitAsync(timeout / 2, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        // And where the pool has more work than threads, an answer that has arrived passes through its queue several times, a
        // timer once. Where it has not, this costs nothing.
        for (var turn = 0; turn < TurnsInQueue && !calling.IsCompleted; turn++)
        {
            await Task.Yield();
        }

        return calling.IsCompleted ? await calling : throw new TimeoutException("Redis has not answered in time.");
    }

    /// <summary>Whether Redis does for this project, right now, all that an acquire needs. Leaves its balance alone.</summary>
    public async Task ProbeAsync(string projectId, TimeSpan timeout)
    {
        var acquire = new PendingAcquire(new(projectId, new(60, 60, 60, 60), 1), 1);
        await WaitAsync(EvaluateAsync([$"cencori:{{{projectId}}}:probe:balances"], new RedisCall(NextCall(), answered: 0, slots: 0, [], [acquire]), default), timeout);
    }

    public Task ReconfigureAsync() => _connection.ReconfigureAsync();
}
