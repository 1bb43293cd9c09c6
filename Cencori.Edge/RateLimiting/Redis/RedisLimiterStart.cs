using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage.Startup;

namespace Cencori.Edge.RateLimiting.Redis;

/// <summary>
/// Calls Redis once at start, so that a missing Redis is known before the first request. Reports the last usage at
/// shutdown.
/// </summary>
/// <param name="limits">Access to Redis.</param>
/// <param name="limiter">Must exist before the first call fails, because the limiter probes a lost Redis until it is back.</param>
internal sealed class RedisLimiterStart(RedisLimits limits, RedisRateLimiter limiter) : IHostedService
{
    private const int WarmUps = 50;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <exception cref="StartupException">Redis is unavailable, and the configuration refuses every request without it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        const string WarmUpProject = "start";
        try
        {
            await limits.ProbeAsync(WarmUpProject, Timeout);
            await WarmUpAsync(WarmUpProject);
        }
        catch (Exception exception) when (limits.Mode == RedisFailureMode.Deny)
        {
            throw new StartupException(
                $"{RedisOptions.Setting}: this Redis cannot keep limits ({RedisAvailability.Reason(exception)}), and with {RateLimitingOptions.Section}:{nameof(RateLimitingOptions.OnRedisFailure)}=Deny every request would be refused.", exception);
        }
        catch (Exception exception)
        {
            limits.Availability.MarkUnavailable(exception, WarmUpProject);
        }
    }

    // The usage of the last requests may still wait for the end of a running call.
    public Task StopAsync(CancellationToken cancellationToken) => limiter.FlushAsync();

    // Runs this code path at start: its first run compiles the code, which takes longer than a request may wait for Redis.
    private async Task WarmUpAsync(string project)
    {
        var cost = new RateLimitCost(project, new RateLimits(WarmUps, WarmUps, WarmUps, WarmUps), 1);
        for (var i = 0; i < WarmUps; i++)
        {
            (await limiter.AcquireAsync(cost)).Dispose();
        }
    }
}
