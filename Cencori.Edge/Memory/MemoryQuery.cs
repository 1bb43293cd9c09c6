using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>How a search ranks results.</summary>
internal enum MemoryOrder
{
    /// <summary>By the similarity of vectors.</summary>
    Vector,

    /// <summary>By words.</summary>
    Text,

    /// <summary>By the ranks in both orders.</summary>
    Blended,
}

/// <summary>A search.</summary>
/// <param name="Query">The question.</param>
/// <param name="Limit">Results at most.</param>
internal sealed record MemoryQuery(string Query, int Limit)
{
    /// <summary>Lowest similarity of a result. Null: the namespace's threshold, or 0 for <see cref="MemoryOrder.Text"/>.</summary>
    public double? Threshold { get; init; }

    /// <summary>Null: every entry.</summary>
    public MemoryFilter? Filter { get; init; }

    public MemoryOrder Order { get; init; }

    /// <summary>If the query is not embedded in this time, the search uses words. Null: waits as long as a provider may take.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Vector of the query if the caller sent one. Of length 1.</summary>
    public float[]? Vector { get; init; }
}

/// <summary>The result of a search.</summary>
/// <param name="Space">The namespace.</param>
/// <param name="Order">The order used: <see cref="MemoryOrder.Text"/> also where the query could not be embedded.</param>
/// <param name="Results">The best first.</param>
internal sealed record FoundMemories(MemoryNamespaceRecord Space, MemoryOrder Order, IReadOnlyList<FoundMemory> Results);

/// <summary>One result.</summary>
/// <param name="Row">The entry.</param>
/// <param name="Similarity">0 to 1, four decimals: the cosine of the vectors, or without a vector the share of the query's words.</param>
internal sealed record FoundMemory(MemoryRecord Row, double Similarity);
