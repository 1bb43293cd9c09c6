using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges.InProcess;

namespace Cencori.Edge.Exchanges;

public static class ExchangeServiceCollectionExtensions
{
    public static IServiceCollection AddExchanges(this IServiceCollection services)
    {
        services.AddSingleton<ErrorHandler>();
        services.AddSingleton<ModelLabels>();
        services.AddSingleton<AgentLabels>();
        services.AddSingleton<AttemptMeters>();
        services.AddSingleton<BackgroundWork>();
        services.AddSingleton<RequestMetrics>();

        // Behind whoever writes records, so that it stops before.
        services.AddSingleton<DeferredRecords>();
        services.AddHostedService(provider => provider.GetRequiredService<DeferredRecords>());
        services.AddSingleton<ExchangeRecorder>();
        services.AddSingleton<InProcessClient>();
        return services;
    }
}
