using Cencori.Edge.Memory.Acceleration;
using Cencori.Edge.Memory.Search;

namespace Cencori.Edge.Memory;

public static class MemoryServiceCollectionExtensions
{
    public static IServiceCollection AddMemory(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MemoryOptions>().Bind(configuration.GetSection(MemoryOptions.Section))
            .Validate(options => options is { MaxEntries: > 0, MaxVectorMegabytes: > 0, CacheMegabytes: > 0 }, "Memory:MaxEntries, Memory:MaxVectorMegabytes and Memory:CacheMegabytes must be above 0.")
            .Validate(options => Enum.IsDefined(options.PgVector), "Memory:PgVector must be Auto or Off.")
            .ValidateOnStart();
        services.AddSingleton<MemoryStore>().AddSingleton<VectorReader>().AddSingleton<VectorCache>().AddSingleton<TextSearch>();
        services.AddSingleton<MemoryEmbedder>().AddSingleton<MemoryScreen>().AddSingleton<MemoryWriter>().AddSingleton<MemorySearch>();
        services.AddSingleton<AcceleratedSearch>().AddSingleton<VectorAcceleration>().AddHostedService(provider => provider.GetRequiredService<VectorAcceleration>());
        return services.AddSingleton<MemoryMaintenance>().AddHostedService(provider => provider.GetRequiredService<MemoryMaintenance>());
    }
}
