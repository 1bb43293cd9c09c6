using Cencori.Edge.Hosting.Status;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Hosting;

public static class HealthServiceCollectionExtensions
{
    public static IServiceCollection AddHealth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddDrain(configuration);
        services.AddSingleton<DatabaseProbe>();

        var checks = services.AddHealthChecks();

        // The framework would log each degraded or unhealthy result, and anybody may request the health endpoints as often as they want.
        services.Configure<LoggerFilterOptions>(filter => filter.AddFilter(typeof(HealthCheckService).Namespace, LogLevel.None));

        // The response lists the checks in the order of registration.
        checks.Add<Drain>("drain", drain => new(drain.IsDraining ? HealthResults.NotReady("draining") : HealthResults.Ok));
        checks.Add<DatabaseProbe>("database", async probe => await probe.IsRespondingAsync() ? HealthResults.Ok : HealthResults.NotReady("unavailable"));
        checks.Add<StorageMonitor>("storage", storage => new(storage.Check() switch
        {
            StorageFault.None => HealthResults.Ok,
            StorageFault.Full => HealthResults.Degraded("full"),
            _ => HealthResults.Degraded("unwritable"),
        }));
        if (configuration.HasRedis())
        {
            checks.Add<RedisLimits>("redis", redis => new(redis.Availability.IsHealthy ? HealthResults.Ok
                : redis.Mode == RedisFailureMode.Deny ? HealthResults.NotReady("unavailable")
                : HealthResults.Degraded("unavailable")));
        }

        checks.Add<SettingsFiles>("configuration", files => new(files.Providers));
        checks.Add<SettingsFiles>("prices", files => new(files.Prices));
        services.AddSingleton<StatusReader>();
        services.AddSingleton<ReloadTimes>();
        services.AddSingleton<IConfigChangeListener>(provider => provider.GetRequiredService<ReloadTimes>());
        services.AddSingleton<EdgeHeartbeat>();
        services.AddHostedService(provider => provider.GetRequiredService<EdgeHeartbeat>());
        services.AddSingleton<SettingsFiles>();
        services.AddHostedService(provider => provider.GetRequiredService<SettingsFiles>());
        return services;
    }

    private static void Add<T>(this IHealthChecksBuilder checks, string name, Func<T, ValueTask<HealthCheckResult>> checkAsync)
        where T : notnull => checks.Add(new HealthCheckRegistration(name, provider => new Check<T>(provider.GetRequiredService<T>(), checkAsync), failureStatus: null, tags: null));

    private sealed class Check<T>(T subject, Func<T, ValueTask<HealthCheckResult>> checkAsync) : IHealthCheck
    {
        // The framework would use the text of an exception as the description, which everybody can read.
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                return await checkAsync(subject);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                return HealthResults.NotReady("unavailable");
            }
        }
    }
}
