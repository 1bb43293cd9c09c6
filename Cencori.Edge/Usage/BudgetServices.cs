using Cencori.Edge.Redis;
using Cencori.Edge.Routing;

namespace Cencori.Edge.Usage;

public static class BudgetServices
{
    /// <summary>Spend in Redis where one is configured, else in memory.</summary>
    public static IServiceCollection AddBudgets(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ISpendHistory, StoredSpend>();
        services.AddSingleton<SpendRecords>();
        services.AddSingleton<AlertWebhook>();
        services.AddSingleton<BudgetAlerts>();
        if (configuration.HasRedis())
        {
            services.AddSingleton<SharedSpend>();
        }

        services.AddSingleton(provider => new Budgets(
            provider.GetRequiredService<Prices>(),
            provider.GetRequiredService<ISpendHistory>(),
            provider.GetRequiredService<SpendRecords>(),
            provider.GetService<SharedSpend>(),
            provider.GetRequiredService<BudgetAlerts>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IRequestBudget>(provider => provider.GetRequiredService<Budgets>());
        services.AddHostedService(provider => provider.GetRequiredService<Budgets>());
        return services;
    }
}
