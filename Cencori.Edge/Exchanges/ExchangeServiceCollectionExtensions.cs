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

        // Registered after the record writer. Hosted services stop in reverse order, so this one stops first.
        services.AddSingleton<DeferredRecords>();
        services.AddHostedService(provider => provider.GetRequiredService<DeferredRecords>());
        services.AddSingleton<ExchangeRecorder>();
        services.AddSingleton<InProcessClient>();
        return services;
    }
}
