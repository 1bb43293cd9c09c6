using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Redis;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

/// <summary>A Redis limiter with its own connection, as on one edge.</summary>
internal sealed class LimiterOfOneEdge : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly RedisConnection _connection;
    private readonly LogRecorder _logs = new();

    private LimiterOfOneEdge(RedisConnection connection, RateLimitingOptions options, TimeSpan slotLifetime)
    {
        _connection = connection;
        var settings = Options.Create(options);
        var meters = _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        Availability = new RedisAvailability(connection, "a setting", meters, TimeProvider.System, new Logger<RedisAvailability>(new LoggerFactory([_logs])));
        Deadline = new RedisDeadline(options.RedisTimeout, TimeProvider.System);
        Limits = new RedisLimits(connection, Availability, Deadline, settings, meters) { SlotLifetime = slotLifetime };
        Limiter = new RedisRateLimiter(Limits);
    }

    public RedisRateLimiter Limiter { get; }

    public RedisLimits Limits { get; }

    public RedisAvailability Availability { get; }

    public RedisDeadline Deadline { get; }

    public RedisConnection Connection => _connection;

    /// <summary>The event names that it logged, in order.</summary>
    public IReadOnlyList<string?> Events => [.. _logs.Lines.Select(line => line.EventName)];

    /// <param name="configuration">A configuration of StackExchange.Redis.</param>
    /// <param name="mode">The mode while Redis is unavailable.</param>
    /// <param name="timeout">Default: long enough for a busy machine, because the tests check exact numbers.</param>
    /// <param name="slotLifetime">Default: as in production.</param>
    /// <param name="clientTimeout">How long the client itself waits for a reply, at least. Default: <paramref name="timeout"/>.</param>
    public static async Task<LimiterOfOneEdge> StartAsync(
        string configuration, RedisFailureMode mode = RedisFailureMode.Local, TimeSpan? timeout = null, TimeSpan? slotLifetime = null, TimeSpan? clientTimeout = null)
    {
        var options = new RateLimitingOptions { OnRedisFailure = mode, RedisTimeout = timeout ?? TimeSpan.FromSeconds(5) };
        var connection = new RedisConnection(RedisConnection.Parse(configuration), () => clientTimeout ?? options.RedisTimeout);
        await connection.StartAsync(CancellationToken.None);
        return new LimiterOfOneEdge(connection, options, slotLifetime ?? TimeSpan.FromSeconds(15));
    }

    public async Task<RateLimitReservation> AcquireAsync(string project, RateLimits limits, long tokens = 0) =>
        (RateLimitReservation)await Limiter.AcquireAsync(new RateLimitCost(project, limits, tokens));

    public async ValueTask DisposeAsync()
    {
        Limiter.Dispose();
        await _connection.DisposeAsync();
        await _services.DisposeAsync();
    }
}
