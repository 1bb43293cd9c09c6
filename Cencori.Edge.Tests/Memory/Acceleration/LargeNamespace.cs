using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Acceleration;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory.Acceleration;

/// <summary>A namespace with many entries that the test knows, and the results of an exact comparison with all of them.</summary>
internal sealed class LargeNamespace
{
    // Number of topics: real vectors have many dimensions but vary in far fewer directions.
    private const int Topics = 12;

    private static readonly JsonSerializerOptions WithoutNulls = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly MemoryClient _client;
    private float[][] _directions;
    private readonly Random _random;
    private int _made;

    private LargeNamespace(MemoryClient client, string name, int dimensions, int seed)
    {
        (_client, Name, _random) = (client, name, new Random(seed));
        _directions = [.. Enumerable.Range(0, Topics).Select(_ => Noise(dimensions))];
    }

    public string Name { get; }

    public Dictionary<string, Entry> Entries { get; } = new(StringComparer.Ordinal);

    public static async Task<LargeNamespace> CreateAsync(MemoryClient client, string name, int entries, int dimensions = 64, int seed = 19)
    {
        await client.CreateAsync(name, new { dimensions });
        var space = new LargeNamespace(client, name, dimensions, seed);
        for (var i = 0; i < entries; i += 100)
        {
            await space.StoreAsync(Math.Min(100, entries - i));
        }

        return space;
    }

    /// <summary>A random vector near the entries.</summary>
    public float[] Vector()
    {
        var vector = Noise(_directions[0].Length);
        foreach (var direction in _directions)
        {
            var share = (float)((_random.NextDouble() * 2) - 1);
            for (var i = 0; i < vector.Length; i++)
            {
                vector[i] = (vector[i] * 0.98f) + (share * direction[i]);
            }
        }

        Assert.True(Vectors.TryNormalize(vector));
        return vector;
    }

    /// <returns>The ids of the entries.</returns>
    public async Task<HashSet<string>> StoreAsync(int count, float[]? vector = null, DateTimeOffset? expiresAt = null)
    {
        var created = Enumerable.Range(_made, count).Select(i => new Entry(vector ?? Vector(), i)).ToList();
        var items = created.Select(entry => new { content = $"entry {entry.Number}", metadata = entry.Metadata, embedding = entry.Vector, expiresAt });
        var body = JsonSerializer.SerializeToNode(new { @namespace = Name, items }, WithoutNulls)!;
        _made += count;
        var stored = (await _client.CallAsync(HttpMethod.Post, "/store", body.ToJsonString(), 201))["memories"]!.AsArray();
        for (var i = 0; i < count; i++)
        {
            Entries.Add((string)stored[i]!["id"]!, created[i]);
        }

        return [.. stored.Select(entry => (string)entry!["id"]!)];
    }

    /// <summary>Gives all entries shorter vectors, as another model would.</summary>
    public async Task ChangeAsync(RunningEdge edge, int dimensions)
    {
        var store = edge.Services.GetRequiredService<MemoryStore>();
        await using var database = await edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var rows = database.MemoryNamespaces.AsNoTracking().Where(row => row.Name == Name);

        // Holds the lease, so that the edge does not embed the entries itself.
        var lease = await store.LeaseAsync(await rows.SingleAsync(), null, CancellationToken.None);
        Assert.NotNull(lease);
        Assert.Equal(AddOutcome.Added, await store.BeginReembeddingAsync(await rows.SingleAsync(), "another", dimensions, CancellationToken.None));
        _directions = [.. _directions.Select(direction => direction[..dimensions])];
        foreach (var (id, entry) in Entries.ToList())
        {
            var vector = entry.Vector[..dimensions];
            Assert.True(Vectors.TryNormalize(vector));
            Entries[id] = entry with { Vector = vector };
        }

        var space = await rows.SingleAsync();
        Assert.True(await store.AddVectorsAsync(space, space.NextGeneration, [.. Entries.Select(pair => (pair.Key, pair.Value.Vector))], CancellationToken.None));
        Assert.True(await store.TrySwitchAsync(space, new HashSet<string>(), CancellationToken.None));
        await store.EndLeaseAsync(space, lease.Value);
    }

    public async Task DeleteAsync(string id)
    {
        await _client.CallAsync(HttpMethod.Delete, $"/{id}");
        Entries.Remove(id);
    }

    /// <param name="vector">Vector of the query.</param>
    /// <param name="limit">Results at most.</param>
    /// <param name="filter">JSON. Null: none.</param>
    /// <param name="order">As in a request.</param>
    /// <param name="query">The words.</param>
    /// <returns>The best first.</returns>
    public async Task<List<(string Id, double Similarity)>> SearchAsync(float[] vector, int limit = 10, string? filter = null, string order = "vector", string query = "?")
    {
        var body = JsonSerializer.SerializeToNode(new { threshold = 0, limit, order, embedding = vector })!;
        if (filter is not null)
        {
            body["filter"] = JsonNode.Parse(filter);
        }

        return [.. (await _client.SearchAsync(Name, query, body)).Select(result => ((string)result!["id"]!, (double)result["similarity"]!))];
    }

    /// <summary>The results of an exact comparison with all entries.</summary>
    public List<(string Id, double Similarity)> Exact(float[] vector, int limit = 10, Func<Entry, bool>? fits = null) =>
    [
        .. Entries.Where(pair => fits is null || fits(pair.Value)).Select(pair => (pair.Key, Similarity: pair.Value.Vector.Zip(vector, (a, b) => (double)a * b).Sum()))
            .OrderByDescending(found => found.Similarity).Take(limit).Select(found => (found.Key, Math.Round(Math.Clamp(found.Similarity, 0, 1), 4))),
    ];

    private float[] Noise(int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = (float)((_random.NextDouble() * 2) - 1);
        }

        return vector;
    }

    /// <summary>One entry.</summary>
    public sealed record Entry(float[] Vector, int Number)
    {
        /// <summary>1 % of the entries share a <c>part</c>.</summary>
        public object Metadata => new { part = string.Create(CultureInfo.InvariantCulture, $"part {Number % 100}"), number = Number, even = Number % 2 == 0, tags = new[] { $"tag {Number % 7}", "Größe \"ß\"" } };
    }
}

internal static class AccelerationCalls
{
    /// <summary>Runs one round of the background work on large namespaces at once.</summary>
    public static Task AccelerateAsync(this RunningEdge edge) => edge.Services.GetRequiredService<VectorAcceleration>().RunAsync(CancellationToken.None);

    /// <summary>Fails if a search has read vectors into memory, that is, was not answered by pgvector.</summary>
    public static void AssertAccelerated(this RunningEdge edge)
    {
        Assert.DoesNotContain(edge.Logs.Lines, line => line.EventName is "MemoryAcceleratedSearchFailed" or "MemoryRecallNotSampled");
        Assert.Equal(0, edge.HeldBytes());
    }

    /// <summary>Bytes of vectors that searches have read into memory. 0 if pgvector has answered all of them.</summary>
    public static long HeldBytes(this RunningEdge edge) => edge.Services.GetRequiredService<VectorCache>().Bytes;
}
