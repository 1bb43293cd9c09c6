using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Acknowledged entries survive the kill of an edge; expired entries disappear.</summary>
public sealed class MemoryLossTests
{
    private const int Batches = 20;
    private const int Size = 30;

    [Fact]
    [Trait(SlowestTests.Trait, "Processes start, are killed and start again.")]
    public async Task A_killed_edge_loses_no_acknowledged_batch_and_duplicates_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("edge-").FullName;
        try
        {
            var acknowledged = new ConcurrentBag<int>();
            var completed = 0;
            string key;
            await MigratedDatabase.PrepareAsync(directory);
            await using (var edge = EdgeProcess.Start(directory, "--urls=http://127.0.0.1:0"))
            {
                using var client = new HttpClient { BaseAddress = await edge.ListeningAsync() };
                key = await edge.TestKeyAsync();
                client.DefaultRequestHeaders.Authorization = new("Bearer", key);
                using var created = await client.PostAsJsonAsync("/api/memory/namespaces", new { name = "space", dimensions = 32 });
                Assert.Equal(201, (int)created.StatusCode);
                await Parallel.ForEachAsync(Enumerable.Range(0, Batches), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (batch, cancellation) =>
                {
                    if (Volatile.Read(ref completed) >= Batches / 2)
                    {
                        // The edge is being killed, which may take long on a busy machine.
                        return;
                    }

                    try
                    {
                        using var response = await client.PostAsJsonAsync("/api/memory/store", Batch(batch), cancellation);
                        if ((int)response.StatusCode == 201)
                        {
                            acknowledged.Add(batch);
                            if (Interlocked.Increment(ref completed) == Batches / 4)
                            {
                                await edge.KillAsync();
                            }
                        }
                    }
                    catch (HttpRequestException)
                    {
                        // The edge was killed.
                    }
                });
            }

            Assert.InRange(acknowledged.Count, 1, Batches - 1);
            await using (var edge = EdgeProcess.Start(directory, "--urls=http://127.0.0.1:0"))
            {
                using var client = new HttpClient { BaseAddress = await edge.ListeningAsync() };
                client.DefaultRequestHeaders.Authorization = new("Bearer", key);
                var existing = await IdsAsync(client);
                Assert.Equal(existing.Distinct().Count(), existing.Count);
                Assert.Empty(acknowledged.SelectMany(Ids).Except(existing));

                // Each batch is either complete or absent. When all batches are sent again, each entry exists once.
                Assert.All(existing.GroupBy(id => id[..8]), batch => Assert.Equal(Size, batch.Count()));
                for (var batch = 0; batch < Batches; batch++)
                {
                    using var response = await client.PostAsJsonAsync("/api/memory/store", Batch(batch));
                    Assert.Equal(201, (int)response.StatusCode);
                }

                Assert.Equal(Enumerable.Range(0, Batches).SelectMany(Ids), await IdsAsync(client));
            }
        }
        finally
        {
            RunDirectory.Delete(directory);
        }

        static string[] Ids(int batch) => [.. Enumerable.Range(0, Size).Select(i => string.Create(CultureInfo.InvariantCulture, $"mem_{batch:D4}{i:D3}"))];

        static object Batch(int batch) => new { @namespace = "space", items = Ids(batch).Select(id => new { id, content = $"entry {id}" }) };
    }

    [Fact]
    public async Task Expired_entries_are_not_found_counted_or_listed()
    {
        await using var clocked = new ClockedEdge();
        await ((IAsyncLifetime)clocked).InitializeAsync();
        var client = await MemoryClient.CreateAsync(clocked.Edge);
        await client.CreateAsync("space");
        var expiring = await client.StoreAsync("space", "the red door", new { expiresAt = clocked.Clock.GetUtcNow().AddMinutes(10).ToString("O", CultureInfo.InvariantCulture) });
        await client.StoreAsync("space", "the red window");
        Assert.Equal(2, (await client.SearchAsync("space", "red")).Count);
        Assert.Equal(2, await client.CountAsync("space"));

        clocked.Clock.Advance(TimeSpan.FromMinutes(10));
        foreach (var order in (string[])["vector", "text", "blended"])
        {
            Assert.Equal("the red window", (string)Assert.Single(await client.SearchAsync("space", "red", new { threshold = 0, order }))!["content"]!);
        }

        Assert.Equal(1, await client.CountAsync("space"));
        Assert.Equal(1, (int)(await client.CallAsync(HttpMethod.Get, "/namespaces"))["namespaces"]![0]!["memoryCount"]!);
        Assert.Single((await client.CallAsync(HttpMethod.Get, "/namespaces/space/memories"))["memories"]!.AsArray());
        Assert.Equal(404, (await client.SendAsync(HttpMethod.Get, $"/{expiring}").FlatErrorAsync()).Status);
        Assert.Equal(404, (await client.SendAsync(HttpMethod.Delete, $"/{expiring}").FlatErrorAsync()).Status);

        // Its id can be used again.
        await client.StoreAsync("space", "the green door", new { id = expiring });
        Assert.Equal("the green door", (string)(await client.CallAsync(HttpMethod.Get, $"/{expiring}"))["content"]!);
        await client.CallAsync(HttpMethod.Delete, $"/{expiring}");

        // Upkeep deletes expired entries, and the counts stay correct.
        await clocked.Edge.UpkeepAsync();
        Assert.Equal(1, await client.CountAsync("space"));
        Assert.Single(await client.SearchAsync("space", "red"));
    }

    [Fact]
    public async Task A_deleted_namespace_is_cleared_at_once_even_by_an_idle_edge()
    {
        await using var clocked = new ClockedEdge();
        await ((IAsyncLifetime)clocked).InitializeAsync();
        var client = await MemoryClient.CreateAsync(clocked.Edge);
        for (var rounds = 0; rounds < 3; rounds++)
        {
            clocked.Clock.Advance(TimeSpan.FromMinutes(1));
            await clocked.Edge.UpkeepAsync();
        }

        await client.CreateAsync("space");
        await client.StoreAsync("space", "an entry");
        await client.CallAsync(HttpMethod.Delete, "/namespaces/space");
        await Eventually.IsTrueAsync(async () =>
        {
            await using var database = await clocked.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
            return !await database.Memories.AnyAsync() && !await database.MemoryNamespaces.AnyAsync();
        });
    }

    [Fact]
    public async Task Vectors_of_a_past_model_disappear_and_many_past_models_cost_few_queries()
    {
        var counter = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: counter.Watch);
        var client = await MemoryClient.CreateAsync(edge);
        await client.CreateAsync("space");
        await client.StoreAsync("space", "an entry");
        await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        Assert.Equal(1, await database.MemoryVectors.CountAsync());
        await database.MemoryNamespaces.ExecuteUpdateAsync(set => set.SetProperty(row => row.Generation, 500).SetProperty(row => row.NextGeneration, 500));

        var before = Queries();
        await edge.UpkeepAsync();
        Assert.InRange(Queries() - before, 1, 100);
        await Eventually.IsTrueAsync(async () => !await database.MemoryVectors.AnyAsync());

        int Queries() => counter.Texts.Count(sql => sql.Contains("memory_vectors", StringComparison.Ordinal));
    }

    private static async Task<List<string>> IdsAsync(HttpClient client)
    {
        using var response = await client.GetAsync("/api/memory/namespaces/space/export");
        return [.. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["id"]!)];
    }
}
