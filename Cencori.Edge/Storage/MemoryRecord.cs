namespace Cencori.Edge.Storage;

/// <summary>A memory namespace: entries that are stored and searched together. One model embeds all of them.</summary>
public sealed class MemoryNamespaceRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string Id { get; init; }

    /// <summary>Name of the namespace. Unique in its project and environment.</summary>
    public required string Name { get; set; }

    /// <summary>Id of the agent that owns the namespace. The project's secret keys have access too. Null: no agent owns it.</summary>
    public string? AgentId { get; init; }

    public string? Description { get; set; }

    /// <summary>The caller's metadata, a JSON object. Null: none.</summary>
    public string? Metadata { get; set; }

    /// <summary>The model of the vectors of <see cref="Generation"/>, as a caller would name it.</summary>
    public required string EmbeddingModel { get; set; }

    /// <summary>Number of dimensions of each vector.</summary>
    public required int Dimensions { get; set; }

    /// <summary>Score threshold of a search that states no threshold. Null: the default of the model.</summary>
    public double? DefaultThreshold { get; set; }

    /// <summary>Number of the set of vectors that searches use. Each change of the model creates a new set with a higher number.</summary>
    public int Generation { get; set; }

    /// <summary>The new model, while the edge embeds all entries again with it. Null: no change in progress.</summary>
    public string? NextModel { get; set; }

    /// <summary>Dimensions of the vectors of <see cref="NextModel"/>. Null: no change in progress.</summary>
    public int? NextDimensions { get; set; }

    /// <summary>Generation of the vectors of <see cref="NextModel"/>. A number is never used twice. 0: there was no change yet.</summary>
    public int NextGeneration { get; set; }

    /// <summary>The last reason why entries could not be embedded in the background. Null: no fault.</summary>
    public string? EmbeddingFault { get; set; }

    /// <summary>Grows with each write. A writer raises it first, because this locks the row against other writers.</summary>
    public long Revision { get; set; }

    /// <summary><see cref="Revision"/> of the last write that deleted entries.</summary>
    public long DeletedRevision { get; set; }

    /// <summary>Number of entries, including expired ones that are not yet deleted.</summary>
    public int StoredCount { get; set; }

    /// <summary>True when some entries may have no vector yet.</summary>
    public bool HasUnembedded { get; set; }

    /// <summary>End of the lease of the edge that embeds or deletes entries in the background. Null: no lease.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>Time of deletion. From then on the namespace is hidden, and its entries are deleted in the background. Null: not deleted.</summary>
    public DateTimeOffset? DeletedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One entry of a memory namespace.</summary>
public sealed class MemoryRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string Id { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>Number of the entry. Unique, and larger than those of older entries. SQLite's full-text index uses it to refer to the entry.</summary>
    public required long Number { get; init; }

    public required string Content { get; init; }

    /// <summary>The caller's metadata, a JSON object. Null: none.</summary>
    public string? Metadata { get; init; }

    /// <summary>From this time on, no search finds the entry. Null: it never expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary><see cref="MemoryNamespaceRecord.Revision"/> of the last write that changed data of this entry that searches use.</summary>
    public required long Revision { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>The vector that one model computed for an entry.</summary>
public sealed class MemoryVectorRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary>The set of vectors that this one belongs to. See <see cref="MemoryNamespaceRecord.Generation"/>.</summary>
    public required int Generation { get; init; }

    public required string MemoryId { get; init; }

    /// <summary>The vector, normalized to length 1: 32-bit floats, little-endian.</summary>
    public required byte[] Vector { get; init; }
}
