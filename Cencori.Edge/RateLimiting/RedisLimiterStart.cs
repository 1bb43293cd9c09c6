using System.Threading.RateLimiting;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;

namespace Cencori.Edge.RateLimiting;

/// <summary>Asks Redis once before the first request does: whoever is not there is known to be away from the beginning.</summary>
/// <param name="limits">The way to Redis.</param>
/// <param name="limiter">Made here, since it is what brings a lost Redis back.</param>
internal sealed class RedisLimiterStart(RedisLimits limits, PartitionedRateLimiter<RateLimitCost> limiter) : IHostedService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <exception cref="StartupException">Every request would be refused.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(limiter);
        const string Nobody = "start";
        try
        {
            await limits.ProbeAsync(Nobody, Patience);
        }
        catch (Exception exception) when (limits.Availability.Mode == RedisFailureMode.Deny)
        {
            throw new StartupException(
                $"{RedisOptions.Setting}: no Redis keeps limits there ({RedisAvailability.Reason(exception)}), and with {RateLimitingOptions.Section}:{nameof(RateLimitingOptions.OnRedisFailure)}=Deny every request would be refused.", exception);
        }
        catch (Exception exception)
        {
            limits.Availability.Lose(exception, Nobody);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
