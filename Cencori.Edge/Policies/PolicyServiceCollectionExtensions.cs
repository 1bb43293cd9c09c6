namespace Cencori.Edge.Policies;

public static class PolicyServiceCollectionExtensions
{
    public static IServiceCollection AddPolicies(this IServiceCollection services)
    {
        services.AddSingleton<BlockEvents>();
        services.AddHostedService(provider => provider.GetRequiredService<BlockEvents>());
        return services;
    }
}
