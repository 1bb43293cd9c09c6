namespace Cencori.Edge.Storage;

/// <summary>Entries of a project that are stored and searched together, all of them embedded by one model.</summary>
public sealed class MemoryNamespaceRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string Id { get; init; }

    /// <summary>Unique in its project and environment.</summary>
    public required string Name { get; set; }

    /// <summary>Whose it is alone, beside the project's secret keys. Null: no agent's.</summary>
    public string? AgentId { get; init; }

    public string? Description { get; set; }

    /// <summary>A JSON object. Null: none.</summary>
    public string? Metadata { get; set; }

    /// <summary>As a caller would name it. Its vectors are those of <see cref="Generation"/>.</summary>
    public required string EmbeddingModel { get; set; }

    /// <summary>Numbers of each vector.</summary>
    public required int Dimensions { get; set; }

    /// <summary>Of a search that has none. Null: what fits the model.</summary>
    public double? DefaultThreshold { get; set; }

    /// <summary>Of the vectors that searches use. Grows with each change of the model.</summary>
    public int Generation { get; set; }

    /// <summary>The model that entries are embedded with anew. Null: none.</summary>
    public string? NextModel { get; set; }

    /// <summary>Likewise.</summary>
    public int? NextDimensions { get; set; }

    /// <summary>Of the vectors of <see cref="NextModel"/>; never used twice. 0: there were none so far.</summary>
    public int NextGeneration { get; set; }

    /// <summary>The last reason why entries could not be embedded in the background. Null: nothing was wrong.</summary>
    public string? EmbeddingFault { get; set; }

    /// <summary>Grows with each write. Whoever writes does this first, so that it locks the row.</summary>
    public long Revision { get; set; }

    /// <summary><see cref="Revision"/> of the last write that took something away.</summary>
    public long DeletedRevision { get; set; }

    /// <summary>Entries, with those that have expired and are still there.</summary>
    public int StoredCount { get; set; }

    /// <summary>Entries may have no vector yet.</summary>
    public bool HasUnembedded { get; set; }

    /// <summary>Until when an edge embeds its entries in the background, and no other does. Null: none does.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>Since when nobody finds it any more, while its entries are taken away. Null: it is there.</summary>
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

    /// <summary>Nobody else's, and larger than that of an older entry: SQLite's index of words knows the entry by it.</summary>
    public required long Number { get; init; }

    public required string Content { get; init; }

    /// <summary>A JSON object. Null: none.</summary>
    public string? Metadata { get; init; }

    /// <summary>From then on nobody finds it. Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary><see cref="MemoryNamespaceRecord.Revision"/> of the last write that changed what a search needs of it.</summary>
    public required long Revision { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>Where an entry lies in its namespace, by one model.</summary>
public sealed class MemoryVectorRecord
{
    public required string ProjectId { get; init; }

    public required KeyEnvironment Environment { get; init; }

    public required string NamespaceId { get; init; }

    /// <summary><see cref="MemoryNamespaceRecord.Generation"/>.</summary>
    public required int Generation { get; init; }

    public required string MemoryId { get; init; }

    /// <summary>Of length 1: floats of 32 bits, little-endian.</summary>
    public required byte[] Vector { get; init; }
}
