using System.Diagnostics.Metrics;
using Cencori.Edge.Telemetry;
using StackExchange.Redis;

namespace Cencori.Edge.Redis;

/// <summary>
/// Whether limits and budgets are kept in Redis at the moment. The first call that fails ends that for every request of this
/// edge, so that none waits for a dead Redis again; only a probe brings it back.
/// </summary>
internal sealed partial class RedisAvailability
{
    public const string GaugeName = "cencori.edge.rate_limiter.redis.available";

    /// <summary>Time between two probes.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly string _instead;
    private readonly ILogger<RedisAvailability> _logger;
    private int _isUnavailable;
    private long _unavailableSince;

    /// <param name="connection">To Redis.</param>
    /// <param name="instead">The setting that says what holds while it is not available, and its value.</param>
    /// <param name="meters">For the gauge.</param>
    /// <param name="time">Of the loss.</param>
    /// <param name="logger">For its beginning and its end.</param>
    public RedisAvailability(RedisConnection connection, string instead, IMeterFactory meters, TimeProvider time, ILogger<RedisAvailability> logger)
    {
        _connection = connection;
        _instead = instead;
        _time = time;
        _logger = logger;
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(GaugeName, () => IsAvailable ? 1 : 0, null, "1 while limits are enforced through Redis, 0 while RateLimiting:OnRedisFailure holds.");
    }

    public bool IsAvailable => Volatile.Read(ref _isUnavailable) == 0;

    /// <summary>As <see cref="IsAvailable"/>, and false too where no request has met the loss yet.</summary>
    public bool IsHealthy => IsAvailable && _connection.IsConnected;

    /// <summary>Called once for each loss, with the id of the project that met it.</summary>
    public event Action<string>? BecameUnavailable;

    public void MarkUnavailable(Exception exception, string projectId)
    {
        if (Interlocked.Exchange(ref _isUnavailable, 1) == 0)
        {
            _unavailableSince = _time.GetTimestamp();
            Log.Lost(_logger, Reason(exception), _instead);
            BecameUnavailable?.Invoke(projectId);
        }
    }

    public void Restore()
    {
        Log.Restored(_logger, _time.GetElapsedTime(_unavailableSince).TotalSeconds);
        Volatile.Write(ref _isUnavailable, 0);
    }

    // Messages of the client name servers and commands; the kind of fault is what an operator needs.
    public static string Reason(Exception exception) => exception switch
    {
        TimeoutException => "it does not answer in time",
        RedisServerException => exception.Message.Split(' ', 2)[0],
        _ => "it cannot be reached",
    };

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Warning, "Limits are not enforced through Redis any more ({Reason}); {Instead} holds.", EventName = "RedisLost")]
        public static partial void Lost(ILogger logger, string reason, string instead);

        [LoggerMessage(61, LogLevel.Information, "Limits are enforced through Redis again, after {Seconds:F1} s.", EventName = "RedisRestored")]
        public static partial void Restored(ILogger logger, double seconds);
    }
}
