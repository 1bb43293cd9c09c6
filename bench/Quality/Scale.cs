using System.Diagnostics;
using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Bench.Quality;

/// <summary>Latency of searches over many entries, and their recall against an exhaustive comparison.</summary>
internal static class Scale
{
    private const int Searches = 40;
    private const int Limit = 10;

    // Enough for tiered compilation to finish.
    private const int Warming = 200;
    private const int BatchSize = 500;

    /// <param name="memory">Its limits must allow all entries.</param>
    /// <param name="sizes">For example <c>10000x1536</c>.</param>
    public static async Task RunAsync(RunningMemory memory, IEnumerable<string> sizes)
    {
        Console.WriteLine("| entries | dimensions | recall@10 | first search, ms | warm, p50 ms | p95 ms | processor time per search, ms | cached vectors, MiB |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var size in sizes)
        {
            var (count, dimensions) = size.Split('x') is [var entries, var numbers] ? (int.Parse(entries, null), int.Parse(numbers, null)) : throw new ArgumentException($"'{size}' is no size such as 10000x1536.");
            var random = new Random(20261129);
            var vectors = new float[count][];
            var space = await memory.CreateAsync(dimensions);
            for (var first = 0; first < count; first += BatchSize)
            {
                var some = Enumerable.Range(first, Math.Min(BatchSize, count - first)).Select(i => new NewMemory($"mem_{size}_{i:D9}", "entry", null, null, vectors[i] = Unit(random, dimensions))).ToList();
                await memory.AddAsync(space, some);
            }

            await MeasureAsync(memory, space, size, vectors, random);
        }
    }

    private static async Task MeasureAsync(RunningMemory memory, MemoryNamespaceRecord space, string size, float[][] vectors, Random random)
    {
        var queries = Enumerable.Range(0, Searches).Select(_ => Unit(random, space.Dimensions)).ToList();
        var started = TimeProvider.System.GetTimestamp();
        await memory.SearchAsync(space.Id, MemoryOrder.Vector, "entry", queries[0], Limit);
        var cold = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds;
        for (var i = 0; i < Warming; i++)
        {
            await memory.SearchAsync(space.Id, MemoryOrder.Vector, "entry", queries[i % Searches], Limit);
        }

        var (times, hits) = (new List<double>(), 0);
        using var process = Process.GetCurrentProcess();
        var found = new List<IReadOnlyList<string>>();
        var before = process.TotalProcessorTime;
        foreach (var query in queries)
        {
            started = TimeProvider.System.GetTimestamp();
            found.Add(await memory.SearchAsync(space.Id, MemoryOrder.Vector, "entry", query, Limit));
            times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        }

        process.Refresh();
        var processor = (process.TotalProcessorTime - before).TotalMilliseconds / Searches;
        Parallel.For(0, Searches, i =>
        {
            var best = vectors.Select((vector, at) => (at, Near(vector, queries[i]))).OrderByDescending(pair => pair.Item2).Take(Limit).Select(pair => $"mem_{size}_{pair.at:D9}");
            Interlocked.Add(ref hits, found[i].Intersect(best).Count());
        });
        times.Sort();
        Console.WriteLine($"| {vectors.Length} | {space.Dimensions} | {hits / (double)(Searches * Limit):0.000} | {cold:0} | {times[times.Count / 2]:0.0} | {times[(int)(times.Count * 0.95)]:0.0} | {processor:0.0} | {memory.CacheBytes / 1024.0 / 1024:0} |");
    }

    private static double Near(float[] vector, float[] query)
    {
        var sum = 0.0;
        for (var i = 0; i < vector.Length; i++)
        {
            sum += (double)vector[i] * query[i];
        }

        return sum;
    }

    private static float[] Unit(Random random, int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = (float)(random.NextDouble() - 0.5);
        }

        return Vectors.TryNormalize(vector) ? vector : throw new InvalidOperationException("The random vector is zero, so it cannot be normalized.");
    }
}
