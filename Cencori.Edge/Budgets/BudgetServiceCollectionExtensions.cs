using System.Diagnostics.Metrics;
using Cencori.Edge.Pricing;
using Cencori.Edge.Redis;

namespace Cencori.Edge.Budgets;

public static class BudgetServiceCollectionExtensions
{
    /// <summary>Adds budgets: shared in Redis if it is configured, else in memory.</summary>
    public static IServiceCollection AddBudgets(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ISpendHistory, StoredSpend>();
        services.AddSingleton<SpendRecords>();
        services.AddSingleton<AlertDeliveries>();
        services.AddSingleton<BudgetAlerts>();
        if (configuration.HasRedis())
        {
            services.AddSingleton<SharedSpend>();
        }

        services.AddSingleton(provider => new BudgetLedger(
            provider.GetRequiredService<Prices>(),
            provider.GetRequiredService<ISpendHistory>(),
            provider.GetRequiredService<SpendRecords>(),
            provider.GetService<SharedSpend>(),
            provider.GetRequiredService<BudgetAlerts>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<ILogger<BudgetLedger>>()));
        services.AddSingleton<IRequestBudget>(provider => provider.GetRequiredService<BudgetLedger>());
        services.AddHostedService(provider => provider.GetRequiredService<BudgetLedger>());
        return services;
    }
}
