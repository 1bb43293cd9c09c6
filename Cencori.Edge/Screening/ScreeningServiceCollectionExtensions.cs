using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Screening;

public static class ScreeningServiceCollectionExtensions
{
    public static IServiceCollection AddScreening(this IServiceCollection services)
    {
        services.AddSingleton<PolicyMeters>();
        services.AddSingleton<GuardrailMeters>();
        services.AddSingleton<GuardrailConnection>();
        services.AddSingleton<GuardrailClient>();
        services.AddSingleton<InputScreen>();
        services.AddSingleton<PolicyDryRun>();
        return services;
    }
}
