using Cencori.Edge.Keys;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Keys;

/// <summary>Runs alone, because it measures the memory of the whole process.</summary>
[CollectionDefinition(nameof(KeyFloodTests), DisableParallelization = true)]
[Collection(nameof(KeyFloodTests))]
public class KeyFloodTests
{
    /// <summary>Field traps 22 and 23 in docs/traps.md: unknown keys must overload neither the database nor the memory.</summary>
    [Fact]
    public async Task A_flood_of_unknown_keys_costs_neither_database_nor_memory_and_new_keys_still_work()
    {
        const int Requests = 10_000;
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: builder =>
        {
            // Without this, the log that the flood leaves in the test would count as the edge's memory.
            builder.Services.RemoveAll<ILoggerProvider>();
            database.Watch(builder);
        });
        var project = await edge.CreateProjectAsync();
        await FloodAsync(edge, 1_000);
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var commands = database.Commands;
        var start = TimeProvider.System.GetTimestamp();

        await FloodAsync(edge, Requests);

        var periods = TimeProvider.System.GetElapsedTime(start) / KnownKeyFilter.RefreshInterval;
        Assert.InRange(database.Commands - commands, 0, (int)periods + 2);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 4 * 1024 * 1024);

        var flood = FloodAsync(edge, 2_000);
        for (var created = 0; created < 10; created++)
        {
            Assert.Equal(200, await StatusAsync(edge, await edge.CreateKeyAsync(project, environment: "test")));
        }

        await flood;
    }

    private static Task FloodAsync(RunningEdge edge, int requests) => Parallel.ForAsync(
        0, requests, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) =>
            Assert.Equal(401, await StatusAsync(edge, ProjectKey.Generate("csk_"))));

    private static async Task<int> StatusAsync(RunningEdge edge, string key)
    {
        using var response = await edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
        return (int)response.StatusCode;
    }
}
