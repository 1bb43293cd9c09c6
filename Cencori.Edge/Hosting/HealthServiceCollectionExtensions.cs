using Cencori.Edge.Dashboard.Projects;
using Cencori.Edge.Hosting.Status;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Redis;
using Cencori.Edge.Storage;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Hosting;

public static class HealthServiceCollectionExtensions
{
    public static IServiceCollection AddHealth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddDrain(configuration);
        services.AddSingleton<DatabaseProbe>();

        // The response lists the checks in the order of registration.
        services.AddCheck<Drain>("drain", drain => new(drain.IsDraining ? new(Readiness.NotReady, "draining") : HealthFinding.Ok));
        services.AddCheck<DatabaseProbe>("database", async probe => await probe.IsRespondingAsync() ? HealthFinding.Ok : new(Readiness.NotReady, "unavailable"));
        services.AddCheck<StorageMonitor>("storage", storage => new(storage.Look() switch
        {
            StorageFault.None => HealthFinding.Ok,
            StorageFault.Full => new(Readiness.Degraded, "full"),
            _ => new(Readiness.Degraded, "unwritable"),
        }));
        if (configuration.HasRedis())
        {
            services.AddCheck<RedisLimits>("redis", redis => new(redis.Availability.IsHealthy ? HealthFinding.Ok : new(redis.Mode == RedisFailureMode.Deny ? Readiness.NotReady : Readiness.Degraded, "unavailable")));
        }

        services.AddSingleton<StatusReader>();
        services.AddSingleton<ReloadTimes>();
        services.AddSingleton<IConfigChangeListener>(provider => provider.GetRequiredService<ReloadTimes>());
        services.AddSingleton<EdgeHeartbeat>();
        services.AddHostedService(provider => provider.GetRequiredService<EdgeHeartbeat>());
        services.AddSingleton<SettingsFiles>();
        services.AddHostedService(provider => provider.GetRequiredService<SettingsFiles>());
        services.AddCheck<SettingsFiles>("configuration", files => new(files.Providers));
        services.AddCheck<SettingsFiles>("prices", files => new(files.Prices));
        services.AddSingleton(provider => new EdgeHealth(() => AskAsync([.. provider.GetServices<HealthCheck>()])));
        return services;
    }

    private static async ValueTask<IReadOnlyList<HealthWord>> AskAsync(HealthCheck[] checks)
    {
        var findings = await Task.WhenAll(checks.Select(check => check.AskAsync().AsTask()));
        return [.. checks.Zip(findings, (check, finding) => new HealthWord(check.Name, finding.Status, finding.Readiness == Readiness.Ready))];
    }

    private static void AddCheck<T>(this IServiceCollection services, string name, Func<T, ValueTask<HealthFinding>> askAsync)
        where T : notnull => services.AddSingleton(provider =>
        {
            var asked = provider.GetRequiredService<T>();
            return new HealthCheck(name, () => askAsync(asked));
        });
}
