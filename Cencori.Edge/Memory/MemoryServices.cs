namespace Cencori.Edge.Memory;

public static class MemoryServices
{
    public static IServiceCollection AddMemory(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<MemoryOptions>().Bind(configuration.GetSection(MemoryOptions.Section))
            .Validate(options => options is { MaxEntries: > 0, MaxVectorMegabytes: > 0, CacheMegabytes: > 0 }, "Memory:MaxEntries, Memory:MaxVectorMegabytes and Memory:CacheMegabytes must be above 0.")
            .ValidateOnStart();
        services.AddSingleton<MemoryStore>().AddSingleton<VectorReader>().AddSingleton<VectorCache>().AddSingleton<TextSearch>();
        services.AddSingleton<MemoryEmbedder>().AddSingleton<MemoryScreen>().AddSingleton<MemoryWriter>().AddSingleton<MemorySearch>();
        return services.AddSingleton<MemoryUpkeep>().AddHostedService(provider => provider.GetRequiredService<MemoryUpkeep>());
    }
}
