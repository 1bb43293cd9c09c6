namespace Cencori.Edge.Pricing;

public static class PriceServiceCollectionExtensions
{
    public static IServiceCollection AddPrices(this IServiceCollection services)
    {
        services.AddSingleton<Prices>();
        services.AddHostedService(provider => provider.GetRequiredService<Prices>());
        return services;
    }
}
