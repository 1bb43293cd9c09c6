using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory.Search;

/// <summary>How a search ranks results.</summary>
internal enum MemoryOrder
{
    /// <summary>By the similarity of the entry's vector to the query's vector.</summary>
    Vector,

    /// <summary>By the words that query and entry share.</summary>
    Text,

    /// <summary>By a combination of the ranks in both other orders.</summary>
    Blended,
}

/// <summary>The parameters of a search.</summary>
/// <param name="Query">The text to search for.</param>
/// <param name="Limit">Maximum number of results.</param>
internal sealed record MemoryQuery(string Query, int Limit)
{
    /// <summary>Minimum similarity of a result. Null: the namespace's threshold, or 0 for <see cref="MemoryOrder.Text"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>Filter on the entries' metadata. Null: every entry matches.</summary>
    public MemoryFilter? Filter { get; init; }

    public MemoryOrder Order { get; init; }

    /// <summary>Timeout for embedding the query. After it, the search ranks by words.</summary>
    public TimeSpan Timeout { get; init; } = MemoryEmbedder.CallerTimeout;

    /// <summary>Vector of the query, normalized to length 1. Null: the caller sent none, so the edge embeds the query if necessary.</summary>
    public float[]? Vector { get; init; }
}

/// <summary>The result of a search.</summary>
/// <param name="Space">The namespace that was searched.</param>
/// <param name="Order">The order that was used. It is <see cref="MemoryOrder.Text"/> also if the query could not be embedded.</param>
/// <param name="Results">The results, the best first.</param>
internal sealed record FoundMemories(MemoryNamespaceRecord Space, MemoryOrder Order, IReadOnlyList<FoundMemory> Results);

/// <summary>One result of a search.</summary>
/// <param name="Row">The entry.</param>
/// <param name="Similarity">0 to 1, four decimals. The cosine of the vectors; for an entry without a vector, the share of the query's words that it has.</param>
internal sealed record FoundMemory(MemoryRecord Row, double Similarity);
