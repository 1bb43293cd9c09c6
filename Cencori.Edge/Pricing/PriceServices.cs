namespace Cencori.Edge.Pricing;

public static class PriceServices
{
    public static IServiceCollection AddPrices(this IServiceCollection services)
    {
        services.AddSingleton<Prices>();
        services.AddHostedService(provider => provider.GetRequiredService<Prices>());
        return services;
    }
}
