using System.Diagnostics.Metrics;
using Cencori.Edge.Redis;
using Cencori.Edge.Telemetry;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// Whether limits are enforced through Redis at the moment. The first call that fails ends that for every request of this
/// edge, so that none waits for a dead Redis again; only a probe brings it back.
/// </summary>
public sealed partial class RedisAvailability
{
    public const string GaugeName = "cencori.edge.rate_limiter.redis.available";

    /// <summary>Time between two probes.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisAvailability> _logger;
    private int _isLost;
    private long _lostAt;

    public RedisAvailability(RedisConnection connection, IOptions<RateLimitingOptions> options, IMeterFactory meters, TimeProvider time, ILogger<RedisAvailability> logger)
    {
        _connection = connection;
        _time = time;
        _logger = logger;
        Mode = options.Value.OnRedisFailure;
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(GaugeName, () => IsAvailable ? 1 : 0, null, "1 while limits are enforced through Redis, 0 while RateLimiting:OnRedisFailure holds.");
    }

    /// <summary>What holds while it is not available.</summary>
    public RedisFailureMode Mode { get; }

    public bool IsAvailable => Volatile.Read(ref _isLost) == 0;

    /// <summary>As <see cref="IsAvailable"/>, and false too where no request has met the loss yet.</summary>
    public bool IsHealthy => IsAvailable && _connection.IsConnected;

    /// <summary>Called once for each loss, with the id of the project that met it.</summary>
    internal event Action<string>? Lost;

    internal void Lose(Exception exception, string projectId)
    {
        if (Interlocked.Exchange(ref _isLost, 1) == 0)
        {
            _lostAt = _time.GetTimestamp();
            Log.Lost(_logger, Reason(exception), Mode);
            Lost?.Invoke(projectId);
        }
    }

    internal void Restore()
    {
        Log.Restored(_logger, _time.GetElapsedTime(_lostAt).TotalSeconds);
        Volatile.Write(ref _isLost, 0);
    }

    // Messages of the client name servers and commands; the kind of fault is what an operator needs.
    internal static string Reason(Exception exception) => exception switch
    {
        TimeoutException => "it does not answer in time",
        RedisServerException => exception.Message.Split(' ', 2)[0],
        _ => "it cannot be reached",
    };

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Warning, "Limits are not enforced through Redis any more ({Reason}); RateLimiting:OnRedisFailure={Mode} holds.", EventName = "RedisLost")]
        public static partial void Lost(ILogger logger, string reason, RedisFailureMode mode);

        [LoggerMessage(61, LogLevel.Information, "Limits are enforced through Redis again, after {Seconds:F1} s.", EventName = "RedisRestored")]
        public static partial void Restored(ILogger logger, double seconds);
    }
}
