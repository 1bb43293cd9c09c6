namespace Cencori.Edge.Redis;

public static class RedisServiceCollectionExtensions
{
    /// <summary>Whether Redis is configured.</summary>
    public static bool HasRedis(this IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration[RedisOptions.Setting]);

    public static IServiceCollection AddRedis(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.HasRedis())
        {
            var options = RedisConnection.Parse(configuration[RedisOptions.Setting]!);
            services.AddSingleton(provider => new RedisConnection(options, () => provider.GetRequiredService<RedisDeadline>().Timeout));
            services.AddHostedService(provider => provider.GetRequiredService<RedisConnection>());
        }

        services.AddSingleton<CacheInvalidation>();
        services.AddHostedService(provider => provider.GetRequiredService<CacheInvalidation>());
        return services;
    }
}
