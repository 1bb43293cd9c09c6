namespace Cencori.Edge.Screening;

public static class ScreeningServices
{
    public static IServiceCollection AddScreening(this IServiceCollection services)
    {
        services.AddSingleton<PolicyMeters>();
        services.AddSingleton<InputScreen>();
        services.AddSingleton<PolicyTrial>();
        return services;
    }
}
