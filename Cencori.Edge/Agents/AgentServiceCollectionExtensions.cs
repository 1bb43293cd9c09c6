namespace Cencori.Edge.Agents;

public static class AgentServiceCollectionExtensions
{
    public static IServiceCollection AddAgents(this IServiceCollection services) => services.AddSingleton<PendingActions>().AddHostedService<PendingActionRetention>();
}
