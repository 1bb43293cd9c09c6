using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges.Inner;

namespace Cencori.Edge.Exchanges;

public static class ExchangeServices
{
    public static IServiceCollection AddExchanges(this IServiceCollection services)
    {
        services.AddSingleton<ErrorHandler>();
        services.AddSingleton<ModelLabels>();
        services.AddSingleton<AgentLabels>();
        services.AddSingleton<AttemptMeters>();
        services.AddSingleton<LaterWork>();
        services.AddSingleton<RequestMetrics>();
        services.AddSingleton<ExchangeRecorder>();
        services.AddSingleton<InnerDoor>();
        return services;
    }
}
