using System.Threading.RateLimiting;
using Cencori.Edge.RateLimiting.Redis;
using Cencori.Edge.Redis;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.RateLimiting;

public static class RateLimitingServiceCollectionExtensions
{
    /// <summary>Adds the limiter: in Redis if it is configured, else in memory.</summary>
    public static IServiceCollection AddRateLimiting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RateLimitingOptions>()
            .Bind(configuration.GetSection(RateLimitingOptions.Section))
            .Validate(options => Enum.IsDefined(options.OnRedisFailure), $"{RateLimitingOptions.Section}:{nameof(RateLimitingOptions.OnRedisFailure)} must be Local, Allow or Deny.")
            .Validate(options => options.RedisTimeout > TimeSpan.Zero && options.RedisTimeout <= RateLimitingOptions.MaxRedisTimeout, $"{RateLimitingOptions.Section}:{nameof(RateLimitingOptions.RedisTimeout)} must be longer than zero and at most one minute.")
            .ValidateOnStart();

        if (configuration.HasRedis())
        {
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisAvailability>(provider, Instead(Settings(provider))));
            services.AddSingleton(provider => new RedisDeadline(Settings(provider).RedisTimeout, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<RedisLimits>();
            services.AddSingleton(provider => new RedisRateLimiter(provider.GetRequiredService<RedisLimits>()));
            services.AddSingleton<PartitionedRateLimiter<RateLimitCost>>(provider => provider.GetRequiredService<RedisRateLimiter>());
            services.AddSingleton<ILimitLevels>(provider => provider.GetRequiredService<RedisRateLimiter>());
            services.AddHostedService<RedisLimiterStart>();
        }
        else
        {
            services.AddSingleton<MemoryRateLimiter>();
            services.AddSingleton<PartitionedRateLimiter<RateLimitCost>>(provider => provider.GetRequiredService<MemoryRateLimiter>());
            services.AddSingleton<ILimitLevels>(provider => provider.GetRequiredService<MemoryRateLimiter>());
        }

        services.AddSingleton<RateLimitMetrics>();
        services.AddSingleton<RequestLimiter>();
        return services;
    }

    private static RateLimitingOptions Settings(IServiceProvider provider) => provider.GetRequiredService<IOptions<RateLimitingOptions>>().Value;

    private static string Instead(RateLimitingOptions options) => $"{RateLimitingOptions.Section}:{nameof(options.OnRedisFailure)}={options.OnRedisFailure}";
}
