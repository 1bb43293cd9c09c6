namespace Cencori.Edge.Keys;

public static class KeyServiceCollectionExtensions
{
    public static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.AddSingleton<KnownKeyFilter>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<CallerLookup>();
        services.AddSingleton<FirstLookup>();
        services.AddSingleton<LastUsedWriter>();
        services.AddSingleton<NetworkRules>();
        services.AddHostedService(provider => provider.GetRequiredService<LastUsedWriter>());
        return services.AddPermissions();
    }
}
