using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

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

    /// <summary>A question that is not embedded within it is looked for by its words. Null: as long as a provider may take.</summary>
    public TimeSpan? Timeout { get; init; }

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
