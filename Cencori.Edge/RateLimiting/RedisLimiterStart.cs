using Cencori.Edge.Projects;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;

namespace Cencori.Edge.RateLimiting;

/// <summary>
/// Asks Redis once before the first request does: whoever is not there is known to be away from the beginning. And lets it hear
/// of the last.
/// </summary>
/// <param name="limits">The way to Redis.</param>
/// <param name="limiter">It is what brings a lost Redis back.</param>
internal sealed class RedisLimiterStart(RedisLimits limits, RedisRateLimiter limiter) : IHostedService
{
    private const int WarmUps = 50;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <exception cref="StartupException">Every request would be refused.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        const string Nobody = "start";
        try
        {
            await limits.ProbeAsync(Nobody, Timeout);
            await WarmUpAsync(Nobody);
        }
        catch (Exception exception) when (limits.Mode == RedisFailureMode.Deny)
        {
            throw new StartupException(
                $"{RedisOptions.Setting}: no Redis keeps limits there ({RedisAvailability.Reason(exception)}), and with {RateLimitingOptions.Section}:{nameof(RateLimitingOptions.OnRedisFailure)}=Deny every request would be refused.", exception);
        }
        catch (Exception exception)
        {
            limits.Availability.MarkUnavailable(exception, Nobody);
        }
    }

    // What ended last may still wait behind a call that is under way.
    public Task StopAsync(CancellationToken cancellationToken) => limiter.FlushAsync();

    // Compiling this way for the first time takes longer than a request may wait for Redis.
    private async Task WarmUpAsync(string project)
    {
        var cost = new RateLimitCost(project, new RateLimits(WarmUps, WarmUps, WarmUps, WarmUps), 1);
        for (var i = 0; i < WarmUps; i++)
        {
            (await limiter.AcquireAsync(cost)).Dispose();
        }
    }
}
