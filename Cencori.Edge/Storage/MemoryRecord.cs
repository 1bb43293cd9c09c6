namespace Cencori.Edge.Storage;

/// <summary>A namespace: entries that are stored and searched together, all embedded by one model.</summary>
public sealed class MemoryNamespaceRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string Id { get; init; }

    /// <summary>Unique in its project and environment.</summary>
    public required string Name { get; set; }

    /// <summary>The agent that owns it; the project's secret keys have access, too. Null: no agent.</summary>
    public string? AgentId { get; init; }

    public string? Description { get; set; }

    /// <summary>A JSON object. Null: none.</summary>
    public string? Metadata { get; set; }

    /// <summary>As a caller would name it. Made the vectors of <see cref="Generation"/>.</summary>
    public required string EmbeddingModel { get; set; }

    /// <summary>Dimensions of each vector.</summary>
    public required int Dimensions { get; set; }

    /// <summary>Threshold of a search that names none. Null: the default of the model.</summary>
    public double? DefaultThreshold { get; set; }

    /// <summary>Generation of the vectors that searches use. Grows with each change of the model.</summary>
    public int Generation { get; set; }

    /// <summary>The model that all entries are being embedded with again. Null: none.</summary>
    public string? NextModel { get; set; }

    /// <summary>Dimensions of the vectors of <see cref="NextModel"/>. Null: no change in progress.</summary>
    public int? NextDimensions { get; set; }

    /// <summary>Generation of the vectors of <see cref="NextModel"/>; never used twice. 0: none so far.</summary>
    public int NextGeneration { get; set; }

    /// <summary>The last reason why entries could not be embedded in the background. Null: no fault.</summary>
    public string? EmbeddingFault { get; set; }

    /// <summary>Grows with each write. A writer raises it first, which locks the row.</summary>
    public long Revision { get; set; }

    /// <summary><see cref="Revision"/> of the last write that deleted entries.</summary>
    public long DeletedRevision { get; set; }

    /// <summary>Number of entries, including expired ones that are not yet deleted.</summary>
    public int StoredCount { get; set; }

    /// <summary>True: some entries may have no vector yet.</summary>
    public bool HasUnembedded { get; set; }

    /// <summary>End of the lease of the edge that works on it in the background. Null: no lease.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>Time of deletion: hidden from then on, while its entries are deleted. Null: not deleted.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One entry of a namespace.</summary>
public sealed class MemoryRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string Id { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>Unique, and larger than the number of an older entry. SQLite's full-text index refers to the entry by it.</summary>
    public required long Number { get; init; }

    public required string Content { get; init; }

    /// <summary>A JSON object. Null: none.</summary>
    public string? Metadata { get; init; }

    /// <summary>From then on no search finds it. Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary><see cref="MemoryNamespaceRecord.Revision"/> of the last write that changed data used by searches.</summary>
    public required long Revision { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>The vector of an entry, by one model.</summary>
public sealed class MemoryVectorRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>See <see cref="MemoryNamespaceRecord.Generation"/>.</summary>
    public required int Generation { get; init; }

    public required string MemoryId { get; init; }

    /// <summary>Of length 1: 32-bit floats, little-endian.</summary>
    public required byte[] Vector { get; init; }
}
