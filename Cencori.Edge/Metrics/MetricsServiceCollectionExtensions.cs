namespace Cencori.Edge.Metrics;

public static class MetricsServiceCollectionExtensions
{
    public static IServiceCollection AddMetricsApi(this IServiceCollection services)
    {
        services.AddSingleton<MetricsQuery>();
        services.AddSingleton<UnpricedModels>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<ProjectCards>();
        return services;
    }
}
