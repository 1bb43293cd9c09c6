using Cencori.Edge.Memory;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory;

internal static class MemoryUpkeepCalls
{
    /// <summary>One round of what an edge does for namespaces of itself, without waiting for it.</summary>
    public static Task UpkeepAsync(this RunningEdge edge) => edge.Services.GetRequiredService<MemoryUpkeep>().RunAsync(CancellationToken.None);
}
