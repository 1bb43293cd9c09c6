using System.Numerics.Tensors;
using Cencori.Edge.Errors;
using Cencori.Edge.Memory.Acceleration;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory.Search;

/// <summary>Finds the entries that are relevant to a query.</summary>
internal sealed class MemorySearch(MemoryStore store, MemoryEmbedder embedder, VectorCache cache, VectorReader reader, AcceleratedSearch accelerated, TextSearch texts, TimeProvider time)
{
    /// <summary>Maximum number of results of one search.</summary>
    public const int MaxResults = 1_000;

    // Constants of reciprocal rank fusion, which combines the order by vectors with the order by words: the rank offset from the paper that introduced the
    // method, and the minimum number of results that are read in each order.
    private const int RankOffset = 60;
    private const int BlendedDepth = 100;

    // Weight of a rank in the order by vectors. The weight of a rank in the order by words is 1, because words are less precise than vectors. bench/quality
    // measures the effect of this weight.
    private const int VectorWeight = 2;

    // Minimum share of the query's words that a result needs if the query could not be embedded. One common word is not enough.
    private const double MinFallbackShare = 0.5;

    // Maximum number of repetitions of one search. A search is repeated if the namespace got another embedding model during the search.
    private const int MaxRepeats = 3;

    /// <param name="who">The caller.</param>
    /// <param name="nameOrId">Name or id of the namespace.</param>
    /// <param name="requested">The parameters of the search.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    public async Task<(FoundMemories? Found, EdgeError? Error)> FindAsync(MemoryCaller who, string nameOrId, MemoryQuery requested, CancellationToken cancellation)
    {
        if (await store.FindNamespaceAsync(who.Tenant, nameOrId, cancellation) is not { } space)
        {
            return (null, NoNamespace(nameOrId));
        }

        for (var tries = 0; ; tries++)
        {
            var vector = requested.Vector;
            var isTransient = false;
            if (vector is null && requested.Order != MemoryOrder.Text)
            {
                var embedded = await embedder.EmbedAsync(who, space.EmbeddingModel, space.Dimensions, [requested.Query], requested.Timeout, cancellation);
                if (embedded is { Vectors: null, IsTransient: false })
                {
                    return (null, embedded.Error);
                }

                (vector, isTransient) = (embedded.Vectors?[0], embedded.IsTransient);
            }

            var order = isTransient ? MemoryOrder.Text : requested.Order;
            var words = await WordsAsync(space, order, isTransient, requested, cancellation);
            var generation = space.Generation;

            // Reads the namespace's row again. Its revision now includes all entries that were stored before this point, so the search by vectors finds them.
            if (await store.FindNamespaceAsync(who.Tenant, space.Id, cancellation) is not { } now)
            {
                return (null, NoNamespace(nameOrId));
            }

            space = now;
            if (generation != space.Generation && tries < MaxRepeats)
            {
                continue;
            }

            if (vector is not null && vector.Length != space.Dimensions)
            {
                return (null, WrongLength(vector.Length, space, "embedding"));
            }

            var found = await FindAsync(space, order, vector, words, requested, cancellation);
            return (new FoundMemories(space, order, found), null);
        }
    }

    public static EdgeError NoNamespace(string nameOrId) =>
        new(ErrorKind.NotFound, $"There is no namespace '{(nameOrId.Length <= 128 ? nameOrId : nameOrId[..128])}' that this request may use. Create it with POST /api/memory/namespaces.") { Param = "namespace" };

    public static EdgeError WrongLength(int length, MemoryNamespaceRecord space, string param) =>
        EdgeError.Invalid($"'{param}' must have {space.Dimensions} numbers, like all vectors of the namespace. It has {length}.", param);

    private async Task<List<FoundMemory>> FindAsync(MemoryNamespaceRecord space, MemoryOrder order, float[]? vector, Words words, MemoryQuery requested, CancellationToken cancellation)
    {
        var threshold = ThresholdOf(space, requested);
        var ranked = order switch
        {
            MemoryOrder.Text => [.. words.Found.Where(found => found.Similarity >= (requested.Threshold ?? words.MinShare))],
            MemoryOrder.Blended => await BlendAsync(space, vector!, threshold, words.Found, requested, cancellation),
            _ => await ByVectorAsync(space, vector!, threshold, requested.Limit, requested.Filter, cancellation),
        };
        if (order == MemoryOrder.Blended && words.Others.Count > 0)
        {
            var known = ranked.Select(found => found.Number).ToHashSet();
            ranked = [.. ranked.Concat(words.Others.Where(found => !known.Contains(found.Number))).Take(requested.Limit)];
        }
        else if (order == MemoryOrder.Vector)
        {
            // Entries without a vector are found by words. An entry that got its vector between the two searches is found by both, but must not appear twice.
            var known = ranked.Select(found => found.Number).ToHashSet();
            ranked = [.. ranked.Concat(words.Found.Where(found => found.Similarity >= threshold && !known.Contains(found.Number))).OrderByDescending(found => found.Similarity).Take(requested.Limit)];
        }

        var rows = await store.ReadAsync(space, [.. ranked.Select(found => found.Number)], cancellation);
        return [.. ranked.Where(found => rows.ContainsKey(found.Number)).Select(found => new FoundMemory(rows[found.Number], Math.Round(Math.Clamp(found.Similarity, 0, 1), 4)))];
    }

    // Searches by words. It runs before the vectors are read: an entry that gets its vector between the two steps is then found among the vectors.
    private async Task<Words> WordsAsync(MemoryNamespaceRecord space, MemoryOrder order, bool isFallback, MemoryQuery requested, CancellationToken cancellation)
    {
        if (order == MemoryOrder.Vector && !space.HasUnembedded)
        {
            return new([], [], 0);
        }

        var depth = order == MemoryOrder.Blended ? Math.Max(BlendedDepth, requested.Limit) : requested.Limit;
        var found = await texts.FindAsync(space, requested.Query, requested.Filter, onlyUnembedded: order == MemoryOrder.Vector, depth, cancellation);
        var others = new List<(long Number, double Similarity)>();
        if ((order == MemoryOrder.Text ? requested.Threshold : ThresholdOf(space, requested)) == 0 && (order != MemoryOrder.Blended || space.HasUnembedded))
        {
            // A threshold of 0 includes every entry. A blended search finds those with a vector by the vectors.
            await AddOthersAsync(order == MemoryOrder.Blended ? others : found, space, requested, onlyUnembedded: order != MemoryOrder.Text, cancellation);
        }

        return new(found, others, isFallback ? MinFallbackShare : 0);
    }

    private static double ThresholdOf(MemoryNamespaceRecord space, MemoryQuery requested) => requested.Threshold ?? space.DefaultThreshold ?? EmbeddingModels.ThresholdOf(space.EmbeddingModel);

    // Appends entries without a word of the query, with similarity 0.
    private async Task AddOthersAsync(List<(long Number, double Similarity)> found, MemoryNamespaceRecord space, MemoryQuery requested, bool onlyUnembedded, CancellationToken cancellation)
    {
        var known = found.Select(one => one.Number).ToHashSet();
        var all = await reader.NewestAsync(space, requested.Filter, onlyUnembedded, requested.Limit, time.GetUtcNow(), cancellation);
        found.AddRange(all.Where(number => !known.Contains(number)).Take(Math.Max(0, requested.Limit - found.Count)).Select(number => (number, 0.0)));
    }

    private async Task<List<(long Number, double Similarity)>> ByVectorAsync(MemoryNamespaceRecord space, float[] vector, double threshold, int count, MemoryFilter? filter, CancellationToken cancellation, HashSet<long>? only = null)
    {
        if (await accelerated.TryFindAsync(space, vector, threshold, count, filter, only, cancellation) is { } found)
        {
            return found;
        }

        var best = new TopMemories(count, threshold);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (await cache.GetAsync(space, cancellation) is { } set)
        {
            set.Scan(vector, filter, now, best, only);
        }
        else
        {
            var row = new float[space.Dimensions];
            await reader.ReadAsync(space, -1, Offer, cancellation);

            void Offer(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> bytes)
            {
                if (expiresAt > now && (only is null || only.Contains(number)) && (filter is null || filter.Matches(metadata)))
                {
                    Vectors.FromBytes(bytes, row);
                    best.Offer(number, TensorPrimitives.Dot<float>(vector, row));
                }
            }
        }

        return best.Take();
    }

    // Combines the order by vectors and the order by words. Uses ranks and not scores, because the scores of the two orders are not comparable.
    private async Task<List<(long Number, double Similarity)>> BlendAsync(MemoryNamespaceRecord space, float[] vector, double threshold, List<(long Number, double Similarity)> said, MemoryQuery requested, CancellationToken cancellation)
    {
        var near = await ByVectorAsync(space, vector, 0, Math.Max(BlendedDepth, requested.Limit), requested.Filter, cancellation);
        var similarities = said.ToDictionary(found => found.Number, found => found.Similarity);
        var others = similarities.Keys.Except(near.Select(found => found.Number)).ToHashSet();
        foreach (var (number, similarity) in others.Count == 0 ? near : near.Concat(await ByVectorAsync(space, vector, 0, others.Count, requested.Filter, cancellation, others)))
        {
            similarities[number] = similarity;
        }

        near.RemoveAll(found => found.Similarity < threshold);
        var scores = new Dictionary<long, double>();
        foreach (var order in (List<(long Number, double Similarity)>[])[near, said])
        {
            for (var place = 0; place < order.Count; place++)
            {
                var number = order[place].Number;
                scores[number] = scores.GetValueOrDefault(number) + ((order == near ? VectorWeight : 1.0) / (RankOffset + place + 1));
            }
        }

        return [.. scores.OrderByDescending(pair => pair.Value).ThenByDescending(pair => pair.Key).Take(requested.Limit).Select(pair => (pair.Key, similarities[pair.Key]))];
    }

    // Results of a search by words. Others: further entries that follow after all results of a blended search. MinShare: the minimum share of the query's words that a
    // result needs if the search has no threshold.
    private sealed record Words(List<(long Number, double Similarity)> Found, List<(long Number, double Similarity)> Others, double MinShare);
}
