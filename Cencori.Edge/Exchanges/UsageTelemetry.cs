namespace Cencori.Edge.Exchanges;

public static class UsageTelemetry
{
    public static IServiceCollection AddUsageTelemetry(this IServiceCollection services)
    {
        services.AddSingleton<ModelLabels>();
        services.AddSingleton<UsageMetrics>();
        return services;
    }
}
