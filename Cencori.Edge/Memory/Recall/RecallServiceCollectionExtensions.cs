using Cencori.Edge.Bodies.Buffers;

namespace Cencori.Edge.Memory.Recall;

internal static class RecallServiceCollectionExtensions
{
    public static IServiceCollection AddMemoryRecall(this IServiceCollection services)
    {
        services.AddSingleton<IMemoryRecall, MemoryRecall>();
        services.AddSingleton<TurnWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<TurnWriter>());
        return services.AddSingleton(provider => new MemoryStep(provider.GetRequiredService<IMemoryRecall>(), provider.GetRequiredService<BufferShares>(), provider.GetRequiredService<TurnWriter>()));
    }
}
