using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Providers;

public static class ProviderServiceCollectionExtensions
{
    public static IServiceCollection AddProviders(this IServiceCollection services, IConfiguration configuration, ProviderFile file)
    {
        services.AddSingleton(file);
        services.AddSingleton<ProviderCatalog>();
        services.AddSingleton<IConfigChangeListener>(provider => provider.GetRequiredService<ProviderCatalog>());
        services.AddSingleton<ReloadMonitor>();
        services.AddSingleton<IConfigChangeListener>(provider => provider.GetRequiredService<ReloadMonitor>());
        services.AddSingleton<ProviderRequestTransform>();
        services.AddSingleton<ProviderLog>();
        services.AddSingleton<ProviderResponseTransform>();
        services.AddSingleton<IForwarderHttpClientFactory, ProviderHttpClientFactory>();
        services.AddReverseProxy()
            .LoadFromConfig(configuration.GetSection(ProviderFile.Section))
            .AddConfigFilter<ProviderConfigFilter>()
            .AddTransforms<ProviderTransforms>();
        return services;
    }
}
