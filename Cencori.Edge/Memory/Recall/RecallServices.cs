using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Cencori.Edge.Memory.Recall;

internal static class RecallServices
{
    public static IServiceCollection AddMemoryRecall(this IServiceCollection services)
    {
        services.TryAddSingleton<IMemoryRecall, NoMemory>();
        services.AddSingleton<TurnWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<TurnWriter>());
        return services.AddSingleton(provider => new MemoryStep(provider.GetRequiredService<IMemoryRecall>(), provider.GetRequiredService<BufferShares>(), provider.GetRequiredService<TurnWriter>()));
    }

    // Until there are namespaces.
    private sealed class NoMemory : IMemoryRecall
    {
        public Task<(RecalledMemories? Memories, EdgeError? Error)> RecallAsync(Exchange exchange, string @namespace, string question, int limit, double? threshold, string namespaceParam) =>
            Task.FromResult<(RecalledMemories?, EdgeError?)>((null, new EdgeError(ErrorKind.NotFound, "There is no such memory namespace in this project.") { Param = namespaceParam }));

        public Task StoreAsync(Caller caller, Agent? agent, string @namespace, string content) => Task.CompletedTask;
    }
}
