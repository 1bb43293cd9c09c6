namespace Cencori.Edge.Owners;

public static class OwnerServiceCollectionExtensions
{
    public static IServiceCollection AddOwners(this IServiceCollection services)
    {
        services.AddSingleton<OwnedObjects>();
        services.AddHostedService(provider => provider.GetRequiredService<OwnedObjects>());
        services.AddSingleton<StoredObjects>();
        services.AddHostedService(provider => provider.GetRequiredService<StoredObjects>());
        return services;
    }
}
