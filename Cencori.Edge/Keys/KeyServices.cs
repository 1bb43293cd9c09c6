namespace Cencori.Edge.Keys;

public static class KeyServices
{
    public static IServiceCollection AddKeys(this IServiceCollection services)
    {
        services.AddSingleton<KeyIndex>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<CallerLookup>();
        services.AddSingleton<LastUsedWriter>();
        services.AddSingleton<NetworkRules>();
        services.AddHostedService(provider => provider.GetRequiredService<LastUsedWriter>());
        return services.AddPermissions();
    }
}
