using System.Threading.RateLimiting;

namespace Cencori.Edge.RateLimiting;

public static class RateLimitingServices
{
    public static IServiceCollection AddRateLimiting(this IServiceCollection services)
    {
        services.AddSingleton<PartitionedRateLimiter<RateLimitCost>, MemoryRateLimiter>();
        services.AddSingleton<RequestLimiter>();
        return services;
    }
}
