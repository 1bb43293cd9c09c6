using Cencori.Edge.Memory;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory;

internal static class MemoryMaintenanceCalls
{
    /// <summary>Runs the background work on namespaces at once, and waits for a round that is already running.</summary>
    public static async Task UpkeepAsync(this RunningEdge edge)
    {
        var maintenance = edge.Services.GetRequiredService<MemoryMaintenance>();
        await maintenance.RunAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(async () =>
        {
            await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
            return !await database.MemoryNamespaces.AnyAsync(space => space.LeasedUntil != null);
        });
        await maintenance.RunAsync(CancellationToken.None);
    }
}
