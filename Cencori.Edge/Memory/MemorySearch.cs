using System.Numerics.Tensors;
using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Finds what is relevant to a question.</summary>
internal sealed class MemorySearch(MemoryStore store, MemoryEmbedder embedder, VectorCache cache, VectorReader reader, TextSearch texts, TimeProvider time)
{
    /// <summary>Results of one search at most.</summary>
    public const int MostResults = 1_000;

    // Of reciprocal rank fusion: the constant of its authors, and how far each order is looked at.
    private const int RankOffset = 60;
    private const int BlendedDepth = 100;

    // Something is written to the namespace all the time, or its model changes in between.
    private const int MostTries = 3;

    /// <param name="who">For whom.</param>
    /// <param name="nameOrId">The namespace.</param>
    /// <param name="wanted">What is looked for.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    public async Task<(FoundMemories? Found, EdgeError? Error)> FindAsync(MemoryCaller who, string nameOrId, MemoryQuery wanted, CancellationToken cancellation)
    {
        if (await store.FindNamespaceAsync(who.Tenant, nameOrId, cancellation) is not { } space)
        {
            return (null, NoNamespace(nameOrId));
        }

        for (var tries = 0; ; tries++)
        {
            var vector = wanted.Vector;
            var isAway = false;
            if (vector is null && wanted.Order != MemoryOrder.Text)
            {
                var embedded = await embedder.EmbedAsync(who, space.EmbeddingModel, space.Dimensions, [wanted.Query], cancellation);
                if (embedded is { Vectors: null, IsAway: false })
                {
                    return (null, embedded.Error);
                }

                (vector, isAway) = (embedded.Vectors?[0], embedded.IsAway);
            }

            // As it is now: what was stored before the search began is found.
            var generation = space.Generation;
            if (await store.FindNamespaceAsync(who.Tenant, space.Id, cancellation) is not { } now)
            {
                return (null, NoNamespace(nameOrId));
            }

            space = now;
            if (vector is not null && wanted.Vector is null && generation != space.Generation && tries < MostTries)
            {
                continue;
            }

            if (vector is not null && vector.Length != space.Dimensions)
            {
                return (null, WrongLength(vector.Length, space, "embedding"));
            }

            var order = isAway ? MemoryOrder.Text : wanted.Order;
            var found = await FindAsync(space, order, vector, wanted, cancellation);
            return (new FoundMemories(space, order, found), null);
        }
    }

    public static EdgeError NoNamespace(string nameOrId) =>
        new(ErrorKind.NotFound, $"There is no namespace '{(nameOrId.Length <= 128 ? nameOrId : nameOrId[..128])}' here. Make it with POST /api/memory/namespaces.") { Param = "namespace" };

    public static EdgeError WrongLength(int length, MemoryNamespaceRecord space, string param) =>
        EdgeError.Invalid($"'{param}' has {length} numbers, and the namespace has vectors of {space.Dimensions}.", param);

    private async Task<List<FoundMemory>> FindAsync(MemoryNamespaceRecord space, MemoryOrder order, float[]? vector, MemoryQuery wanted, CancellationToken cancellation)
    {
        var threshold = wanted.Threshold ?? space.DefaultThreshold ?? EmbeddingModels.ThresholdOf(space.EmbeddingModel);
        List<(long Number, double Similarity)> ranked;
        switch (order)
        {
            case MemoryOrder.Text:
                ranked = await texts.FindAsync(space, wanted.Query, wanted.Filter, onlyUnembedded: false, wanted.Limit, cancellation);
                ranked.RemoveAll(found => found.Similarity < (wanted.Threshold ?? 0));
                if (wanted.Threshold == 0)
                {
                    await AddOthersAsync(ranked, space, wanted, onlyUnembedded: false, cancellation);
                }

                break;
            case MemoryOrder.Blended:
                ranked = await BlendAsync(space, vector!, threshold, wanted, cancellation);
                break;
            default:
                ranked = await ByVectorAsync(space, vector!, threshold, wanted.Limit, wanted.Filter, cancellation);
                if (space.HasUnembedded)
                {
                    // What has no vector yet is found by its words.
                    List<(long Number, double Similarity)> unembedded = await texts.FindAsync(space, wanted.Query, wanted.Filter, onlyUnembedded: true, wanted.Limit, cancellation);
                    if (threshold <= 0)
                    {
                        await AddOthersAsync(unembedded, space, wanted, onlyUnembedded: true, cancellation);
                    }

                    ranked = [.. ranked.Concat(unembedded.Where(found => found.Similarity >= threshold)).OrderByDescending(found => found.Similarity).Take(wanted.Limit)];
                }

                break;
        }

        var rows = await store.ReadAsync(space, [.. ranked.Select(found => found.Number)], cancellation);
        return [.. ranked.Where(found => rows.ContainsKey(found.Number)).Select(found => new FoundMemory(rows[found.Number], Math.Round(Math.Clamp(found.Similarity, 0, 1), 4)))];
    }

    // Whoever asks for everything gets everything.
    private async Task AddOthersAsync(List<(long Number, double Similarity)> found, MemoryNamespaceRecord space, MemoryQuery wanted, bool onlyUnembedded, CancellationToken cancellation)
    {
        var known = found.Select(one => one.Number).ToHashSet();
        var all = await reader.EverythingAsync(space, wanted.Filter, onlyUnembedded, time.GetUtcNow(), cancellation);
        found.AddRange(all.Where(number => !known.Contains(number)).Take(wanted.Limit - found.Count).Select(number => (number, 0.0)));
    }

    private async Task<List<(long Number, double Similarity)>> ByVectorAsync(MemoryNamespaceRecord space, float[] vector, double threshold, int count, MemoryFilter? filter, CancellationToken cancellation)
    {
        var best = new BestMemories(count, threshold);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (await cache.GetAsync(space, cancellation) is { } set)
        {
            set.Scan(vector, filter, now, best);
        }
        else
        {
            var row = new float[space.Dimensions];
            await reader.ReadAsync(space, -1, Offer, cancellation);

            void Offer(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> bytes)
            {
                if (expiresAt > now && (filter is null || filter.Matches(metadata)))
                {
                    Vectors.FromBytes(bytes, row);
                    best.Offer(number, TensorPrimitives.Dot<float>(vector, row));
                }
            }
        }

        return best.Take();
    }

    // By the places in both orders: their scores mean different things.
    private async Task<List<(long Number, double Similarity)>> BlendAsync(MemoryNamespaceRecord space, float[] vector, double threshold, MemoryQuery wanted, CancellationToken cancellation)
    {
        var depth = Math.Max(BlendedDepth, wanted.Limit);
        var near = await ByVectorAsync(space, vector, 0, depth, wanted.Filter, cancellation);
        var said = await texts.FindAsync(space, wanted.Query, wanted.Filter, onlyUnembedded: false, depth, cancellation);
        var similarities = near.ToDictionary(found => found.Number, found => found.Similarity);
        var scores = new Dictionary<long, double>();
        foreach (var order in (List<(long Number, double)>[])[near.FindAll(found => found.Similarity >= threshold), said])
        {
            for (var place = 0; place < order.Count; place++)
            {
                var number = order[place].Number;
                scores[number] = scores.GetValueOrDefault(number) + (1.0 / (RankOffset + place + 1));
            }
        }

        var shares = said.ToDictionary(found => found.Number, found => found.Share);
        return [.. scores.OrderByDescending(pair => pair.Value).ThenByDescending(pair => pair.Key).Take(wanted.Limit)
            .Select(pair => (pair.Key, similarities.TryGetValue(pair.Key, out var similarity) ? similarity : shares.GetValueOrDefault(pair.Key)))];
    }
}

/// <summary>In which order a search finds.</summary>
internal enum MemoryOrder
{
    /// <summary>By how near the vectors are.</summary>
    Vector,

    /// <summary>By words.</summary>
    Text,

    /// <summary>By the places in both.</summary>
    Blended,
}

/// <summary>What is looked for.</summary>
/// <param name="Query">The question.</param>
/// <param name="Limit">Results at most.</param>
internal sealed record MemoryQuery(string Query, int Limit)
{
    /// <summary>No result is less similar. Null: the namespace's; for <see cref="MemoryOrder.Text"/> 0.</summary>
    public double? Threshold { get; init; }

    /// <summary>Null: every entry.</summary>
    public MemoryFilter? Filter { get; init; }

    public MemoryOrder Order { get; init; }

    /// <summary>Of the question, if somebody has embedded it. Of length 1.</summary>
    public float[]? Vector { get; init; }
}

/// <summary>What was found.</summary>
/// <param name="Space">Where.</param>
/// <param name="Order">In which order: by text also where the question could not be embedded.</param>
/// <param name="Results">The best first.</param>
internal sealed record FoundMemories(MemoryNamespaceRecord Space, MemoryOrder Order, IReadOnlyList<FoundMemory> Results);

/// <summary>One result.</summary>
/// <param name="Row">The entry.</param>
/// <param name="Similarity">0 to 1, four decimals: the cosine of the vectors, and without one the share of the words.</param>
internal sealed record FoundMemory(MemoryRecord Row, double Similarity);
