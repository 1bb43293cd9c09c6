using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Cencori.Edge.Memory.Acceleration;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Wire;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Memory.Acceleration;

/// <summary>Searches of large namespaces with pgvector find the same entries as an exact comparison.</summary>
[Trait(SlowestTests.Trait, "thousands of entries, and a database in Node if the server has no pgvector")]
public sealed class PgVectorTests(NodePostgres node, ITestOutputHelper output) : IClassFixture<NodePostgres>
{
    private const int Few = 150;

    // .ci/long uses more.
    private static readonly int Many = int.Parse(Environment.GetEnvironmentVariable("CENCORI_TEST_PGVECTOR") ?? "1500", CultureInfo.InvariantCulture);
    private static readonly int Long = Many > 10_000 ? 384 : 64;

    [NodeFact(NodeScript.Directory, NodePostgres.Package)]
    public async Task Searches_return_the_results_of_an_exact_comparison()
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await using var edge = await server.EdgeAsync(Many);
        var space = await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(edge), "many", Many, Long);
        var before = TimeProvider.System.GetTimestamp();
        await AccelerateAsync(edge, server, Many);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Many} × {Long}: copied and indexed in {TimeProvider.System.GetElapsedTime(before).TotalSeconds:0} s"));
        using var recalls = new Recalls();
        await CheckAsync("no filter", 10, null, null);
        await CheckAsync("no filter, 100 results", 100, null, null);
        await CheckAsync("1 % fit", 10, """{"part":"part 7"}""", entry => entry.Number % 100 == 7);
        await CheckAsync("half of them fit", 10, """{"even":{"eq":true}}""", entry => entry.Number % 2 == 0);
        await CheckAsync("in a list, and a flag", 10, """{"tags":"tag 3","even":true}""", entry => entry.Number % 7 == 3 && entry.Number % 2 == 0);
        await CheckAsync("one of three numbers", 10, """{"number":{"in":[5.0,17,299]}}""", entry => entry.Number is 5 or 17 or 299);
        await CheckAsync("none fits", 10, """{"part":"part 100"}""", _ => false);

        // An entry found only by words still gets the cosine of its vector as its similarity.
        var query = space.Vector();
        var (far, similarity) = space.Exact(query, Many)[Many / 4];
        var blended = await space.SearchAsync(query, 200, null, "blended", $"entry {space.Entries[far].Number}");
        Assert.Equal(similarity, blended.Find(result => result.Id == far).Similarity, 3);
        edge.AssertAccelerated();
        await Eventually.IsTrueAsync(() => !recalls.All.IsEmpty);
        Assert.All(recalls.All, recall => Assert.InRange(recall, 0.9, 1));

        async Task CheckAsync(string name, int limit, string? filter, Func<LargeNamespace.Entry, bool>? fits)
        {
            var (found, all, time) = (0, 0, TimeSpan.Zero);
            for (var times = 0; times < 30; times++)
            {
                var vector = space.Vector();
                var expected = space.Exact(vector, limit, fits);
                var started = TimeProvider.System.GetTimestamp();
                var results = await space.SearchAsync(vector, limit, filter);
                time += TimeProvider.System.GetElapsedTime(started);
                Assert.Equal(expected.Count, results.Count);
                Assert.Equal(results.Select(result => result.Similarity).OrderDescending(), results.Select(result => result.Similarity));
                Assert.All(results, result => Assert.True(fits is null || fits(space.Entries[result.Id])));
                found += results.Count(result => result.Similarity >= expected[^1].Similarity);
                all += expected.Count;
            }

            var recall = all == 0 ? 1 : (double)found / all;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Many} × {Long}, {name}: recall {recall:0.0000}, {time.TotalMilliseconds / 30:0.0} ms"));
            Assert.True(recall >= 0.98, $"{name}: {recall}");
        }
    }

    [NodeFact(NodeScript.Directory, NodePostgres.Package)]
    public async Task New_entries_are_found_at_once_and_deleted_expired_or_foreign_entries_never()
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await using var edge = await server.EdgeAsync(Few);
        var space = await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(edge), "ours", Few);

        // The same vectors, so that the entries differ only in their tenant.
        var client = await MemoryClient.CreateAsync(edge);
        var other = await LargeNamespace.CreateAsync(client, "ours", Few);
        var third = await LargeNamespace.CreateAsync(client, "third", Few);
        await AccelerateAsync(edge, server, 3 * Few);

        var vector = space.Vector();
        foreach (var one in (LargeNamespace[])[space, other, third])
        {
            Assert.Equal(one.Exact(vector, 30), await one.SearchAsync(vector, 30));
        }

        await space.StoreAsync(1, vector);
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        await AccelerateAsync(edge, server, (3 * Few) + 1);
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));

        for (var times = 0; times < 3; times++)
        {
            await space.StoreAsync(1, space.Vector());
            await space.DeleteAsync(space.Exact(vector)[0].Id);
            Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        }

        var soon = TimeProvider.System.GetUtcNow().AddSeconds(4);
        var expiring = await space.StoreAsync(2, vector, soon);
        await edge.AccelerateAsync();
        var found = (await space.SearchAsync(vector)).Count(result => expiring.Contains(result.Id));
        Assert.True(found == 2 || TimeProvider.System.GetUtcNow() >= soon);
        await Eventually.IsTrueAsync(() => TimeProvider.System.GetUtcNow() >= soon);
        Assert.DoesNotContain(await space.SearchAsync(vector), result => expiring.Contains(result.Id));
        await edge.UpkeepAsync();
        Assert.Equal(0L, await server.QueryAsync($"SELECT count(*) FROM memory_near WHERE \"MemoryId\" IN ({string.Join(", ", expiring.Select(id => $"'{id}'"))})"));

        await client.CallAsync(HttpMethod.Delete, "/namespaces/third");
        await edge.UpkeepAsync();
        Assert.Equal((long)other.Entries.Count + space.Entries.Count - 2, await server.QueryAsync("SELECT count(*) FROM memory_near"));
        Assert.Equal(2L, await server.QueryAsync("SELECT count(*) FROM memory_near_filled"));
        edge.AssertAccelerated();
    }

    [NodeFact(NodeScript.Directory, NodePostgres.Package)]
    public async Task A_change_of_the_model_replaces_the_vectors()
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await using var edge = await server.EdgeAsync(Few);
        var space = await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(edge), "changing", Few);
        await AccelerateAsync(edge, server, Few);
        var vector = space.Vector();
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        await space.ChangeAsync(edge, 32);
        vector = space.Vector();

        // pgvector does not have the new vectors yet, and the old ones must not be used any more.
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        Assert.True(edge.HeldBytes() > 0);
        await edge.UpkeepAsync();
        await edge.UpkeepAsync();
        Assert.Equal(0L, await server.QueryAsync("SELECT count(*) FROM memory_near"));
        await AccelerateAsync(edge, server, Few);
        Assert.Equal((long)Few, await server.QueryAsync("SELECT count(*) FROM memory_near WHERE \"Generation\" = 1 AND \"Dimensions\" = 32"));
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
    }

    [NodeTheory(NodeScript.Directory, NodePostgres.Package)]
    [InlineData(2_500)]
    [InlineData(4_096)]
    public async Task Long_vectors_are_searched_correctly(int dimensions)
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await using var edge = await server.EdgeAsync(Few);
        var space = await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(edge), "long", Few, dimensions);
        await edge.AccelerateAsync();
        for (var times = 0; times < 5; times++)
        {
            var vector = space.Vector();
            Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        }

        // pgvector indexes 4,000 dimensions at most.
        Assert.Equal(dimensions > 4_000, edge.HeldBytes() > 0);
    }

    [NodeFact(NodeScript.Directory, NodePostgres.Package)]
    public async Task A_broken_index_slows_searches_and_is_rebuilt()
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await using var edge = await server.EdgeAsync(Few);
        var space = await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(edge), "broken", Few);
        await AccelerateAsync(edge, server, Few);
        var vector = space.Vector();

        // The state after an interrupted build.
        await server.QueryAsync("UPDATE pg_index SET indisvalid = false WHERE indexrelid = '\"IX_memory_near_64\"'::regclass");
        await AccelerateAsync(edge, server, Few);
        Assert.Equal(true, await server.QueryAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = '\"IX_memory_near_64\"'::regclass"));
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        edge.AssertAccelerated();

        await server.QueryAsync("ALTER TABLE memory_near DROP COLUMN \"Embedding\"");
        for (var times = 0; times < 5; times++)
        {
            Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        }

        Assert.Single(edge.Logs.Lines, line => line.EventName == "MemoryAcceleratedSearchFailed");
        Assert.True(edge.HeldBytes() > 0);
        await AccelerateAsync(edge, server, Few);
    }

    [NodeFact(NodeScript.Directory, NodePostgres.Package)]
    public async Task Two_edges_build_one_index()
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await using var a = await server.EdgeAsync(Few);
        await using var b = await server.EdgeAsync(Few);
        await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(a), "both", 5 * Few);
        await Task.WhenAll(AccelerateAsync(a, server, 5 * Few), AccelerateAsync(b, server, 5 * Few));
        Assert.Equal(1L, await server.QueryAsync("SELECT count(*) FROM pg_index WHERE indrelid = 'memory_near'::regclass AND NOT indisprimary AND indisvalid"));
        Assert.DoesNotContain(a.Logs.Lines.Concat(b.Logs.Lines), line => line.EventName == "MemoryAccelerationFailed");
    }

    [NodeTheory(NodeScript.Directory, NodePostgres.Package)]
    [InlineData("Auto", "DROP EXTENSION vector", "does not have the extension")]
    [InlineData("Auto", "UPDATE pg_extension SET extversion = '0.7.4' WHERE extname = 'vector'", "0.7.4")]
    [InlineData("Off", "SELECT 1", null)]
    public async Task Without_pgvector_searches_compare_all_entries(string use, string sql, string? reported)
    {
        await using var server = await PgVectorServer.StartAsync(node);
        await server.QueryAsync(sql);
        await using var edge = await server.EdgeAsync(Few, $"Memory:PgVector={use}");
        var space = await LargeNamespace.CreateAsync(await MemoryClient.CreateAsync(edge), "plain", Few);
        if (reported is not null)
        {
            await edge.AccelerateAsync();
            await edge.AccelerateAsync();
            Assert.Contains(reported, Assert.Single(edge.Logs.Lines, line => line.EventName == "MemoryNotAccelerated").Text, StringComparison.Ordinal);
        }

        var vector = space.Vector();
        Assert.Equal(space.Exact(vector), await space.SearchAsync(vector));
        Assert.True(edge.HeldBytes() > 0);
        Assert.Equal(DBNull.Value, await server.QueryAsync("SELECT to_regclass('memory_near')::text"));
        Assert.DoesNotContain(edge.Logs.Lines, line => line.EventName == "MemoryAccelerated");
    }

    // The edge also runs rounds itself, and another edge may hold the lock.
    private static Task AccelerateAsync(RunningEdge edge, PgVectorServer server, int rows) => Eventually.IsTrueAsync(async () =>
    {
        await edge.AccelerateAsync();
        return (long)(await server.QueryAsync("SELECT count(*) FROM memory_near"))! >= rows
            && await server.QueryAsync("SELECT 1 FROM memory_namespaces n WHERE n.\"DeletedAt\" IS NULL AND NOT EXISTS (SELECT 1 FROM memory_near_filled f WHERE f.\"NamespaceId\" = n.\"Id\" AND f.\"Generation\" = n.\"Generation\" AND f.\"Revision\" >= n.\"Revision\")") is null
            && await server.QueryAsync("SELECT 1 FROM memory_namespaces n WHERE n.\"DeletedAt\" IS NULL AND NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid AND c.relname = 'IX_memory_near_' || n.\"Dimensions\")") is null;
    });

    private sealed class Recalls : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Recalls()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == AcceleratedSearch.RecallName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<double>((_, value, _, _) => All.Add(value));
            _listener.Start();
        }

        public ConcurrentBag<double> All { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
