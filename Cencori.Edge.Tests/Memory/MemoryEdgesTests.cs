using System.Globalization;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Memory;

/// <summary>Several edges on one database: each sees the changes of the others at once.</summary>
[Trait(SlowestTests.Trait, "Many sequential operations on two edges.")]
public sealed class MemoryEdgesTests
{
    private static readonly int Operations = int.Parse(Environment.GetEnvironmentVariable("CENCORI_TEST_MEMORY") ?? "150", CultureInfo.InvariantCulture);

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task Operations_of_eight_tenants_on_two_edges_match_a_model(string system)
    {
        var postgres = system == DatabaseEdge.Postgres ? await PostgresDatabase.CreateMigratedAsync() : null;
        var directory = Directory.CreateTempSubdirectory("edges-").FullName;
        try
        {
            await using (var a = await StartAsync())
            await using (var b = await StartAsync())
            {
                var seed = Environment.TickCount;
                var random = new Random(seed);
                var tenants = await TenantsAsync(a, b);
                for (var i = 0; i < Operations; i++)
                {
                    var tenant = tenants[random.Next(tenants.Count)];
                    var client = tenant.Clients[random.Next(2)];
                    var known = tenant.Entries.Keys.ToList();
                    switch (random.Next(6))
                    {
                        case 0 or 1:
                            var content = string.Create(CultureInfo.InvariantCulture, $"word{random.Next(5)} entry {i}");
                            tenant.Entries[await client.StoreAsync(tenant.Space, content)] = content;
                            break;
                        case 2 when known.Count > 0:
                            var gone = known[random.Next(known.Count)];
                            await client.CallAsync(HttpMethod.Delete, $"/{gone}");
                            tenant.Entries.Remove(gone);
                            break;
                        case 3 when random.Next(8) == 0:
                            await client.CallAsync(HttpMethod.Delete, $"/namespaces/{tenant.Space}");
                            await tenant.CreateAsync(random.Next(2));
                            tenant.Entries.Clear();
                            break;
                        case 4:
                            var word = string.Create(CultureInfo.InvariantCulture, $"word{random.Next(5)}");
                            Check(seed, i, tenant.Entries.Where(entry => entry.Value.Split(' ').Contains(word)).Select(entry => entry.Key), await client.SearchAsync(tenant.Space, word, new { order = "text", limit = 1000 }));
                            break;
                        default:
                            Check(seed, i, tenant.Entries.Keys, await client.SearchAsync(tenant.Space, "*"));
                            Assert.Equal(tenant.Entries.Count, await client.CountAsync(tenant.Space));
                            break;
                    }
                }
            }
        }
        finally
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            RunDirectory.Delete(directory);
            await (postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        Task<RunningEdge> StartAsync() => postgres is null ? RunningEdge.StartAsync(configure: RunningEdge.Join, dataDirectory: directory) : RunningEdge.StartAsync(postgres.Settings);
    }

    private static void Check(int seed, int at, IEnumerable<string> expected, System.Text.Json.Nodes.JsonArray found) =>
        Assert.Equal($"seed {seed}, operation {at}: {string.Join(' ', expected.Order(StringComparer.Ordinal))}", $"seed {seed}, operation {at}: {string.Join(' ', found.Select(one => (string)one!["id"]!).Order(StringComparer.Ordinal))}");

    // Two projects with two environments each; in each environment the project itself and an agent.
    private static async Task<List<Tenant>> TenantsAsync(RunningEdge a, RunningEdge b)
    {
        var tenants = new List<Tenant>();
        for (var i = 0; i < 2; i++)
        {
            var project = await a.CreateProjectAsync();
            foreach (var environment in (string[])["test", "production"])
            {
                var agent = await a.CreateAgentAsync(project);
                string[] keys = [await a.CreateKeyAsync(project, environment: environment), await a.CreateKeyAsync(project, "agent", environment, new { agent_id = agent })];
                tenants.AddRange(keys.Select((key, agents) => new Tenant(agents == 0 ? "space" : "agents space", [new(a, key), new(b, key)], [])));
            }
        }

        foreach (var tenant in tenants)
        {
            await tenant.CreateAsync(0);
        }

        return tenants;
    }

    private sealed record Tenant(string Space, MemoryClient[] Clients, Dictionary<string, string> Entries)
    {
        // The sandbox also works with a production key.
        public Task CreateAsync(int edge) => Clients[edge].CreateAsync(Space, new { embeddingModel = "sandbox/words", dimensions = 16 });
    }
}
