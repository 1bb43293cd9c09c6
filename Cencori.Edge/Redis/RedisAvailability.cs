using System.Diagnostics.Metrics;
using Cencori.Edge.Telemetry;
using StackExchange.Redis;

namespace Cencori.Edge.Redis;

/// <summary>
/// Whether limits and budgets are kept in Redis at the moment. After the first failed call this edge decides all
/// requests without Redis, so that no other request waits for a Redis that does not reply. Only a probe switches back.
/// </summary>
internal sealed partial class RedisAvailability
{
    public const string GaugeName = "cencori.edge.rate_limiter.redis.available";

    /// <summary>Time between two probes.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly string _fallback;
    private readonly ILogger<RedisAvailability> _logger;
    private int _isUnavailable;
    private long _unavailableSince;

    /// <param name="connection">The connection to Redis.</param>
    /// <param name="instead">The setting, with its value, that applies while Redis is unavailable. Used in the log.</param>
    /// <param name="meters">The factory for the gauge.</param>
    /// <param name="time">The clock that measures the outage.</param>
    /// <param name="logger">Logs the start and the end of an outage.</param>
    public RedisAvailability(RedisConnection connection, string instead, IMeterFactory meters, TimeProvider time, ILogger<RedisAvailability> logger)
    {
        _connection = connection;
        _fallback = instead;
        _time = time;
        _logger = logger;
        meters.Create(EdgeTelemetry.MeterName).CreateObservableGauge(GaugeName, () => IsAvailable ? 1 : 0, null, "1 while limits are enforced through Redis, 0 while RateLimiting:OnRedisFailure applies.");
    }

    public bool IsAvailable => Volatile.Read(ref _isUnavailable) == 0;

    /// <summary>As <see cref="IsAvailable"/>, but also false if the connection is lost and no request has noticed yet.</summary>
    public bool IsHealthy => IsAvailable && _connection.IsConnected;

    /// <summary>Raised once per outage, with the id of the project whose call failed.</summary>
    public event Action<string>? BecameUnavailable;

    public void MarkUnavailable(Exception exception, string projectId)
    {
        if (Interlocked.Exchange(ref _isUnavailable, 1) == 0)
        {
            _unavailableSince = _time.GetTimestamp();
            Log.Lost(_logger, Reason(exception), _fallback);
            BecameUnavailable?.Invoke(projectId);
        }
    }

    public void Restore()
    {
        Log.Restored(_logger, _time.GetElapsedTime(_unavailableSince).TotalSeconds);
        Volatile.Write(ref _isUnavailable, 0);
    }

    // The client library's messages contain server names and commands. The log gets only the kind of the fault.
    public static string Reason(Exception exception) => exception switch
    {
        TimeoutException => "Redis does not answer in time",
        RedisServerException => exception.Message.Split(' ', 2)[0],
        _ => "Redis cannot be reached",
    };

    private static partial class Log
    {
        [LoggerMessage(60, LogLevel.Warning, "Limits are not enforced through Redis any more ({Reason}); {Instead} applies.", EventName = "RedisLost")]
        public static partial void Lost(ILogger logger, string reason, string instead);

        [LoggerMessage(61, LogLevel.Information, "Limits are enforced through Redis again, after {Seconds:F1} s.", EventName = "RedisRestored")]
        public static partial void Restored(ILogger logger, double seconds);
    }
}
