namespace Cencori.Edge.Storage;

/// <summary>One process of an edge on a shared database, with its last reported state.</summary>
public sealed class EdgeRecord
{
    /// <summary>New at each start.</summary>
    public required string Id { get; init; }

    /// <summary>The name of its machine or container.</summary>
    public required string Host { get; init; }

    /// <summary>The first address that it listens on.</summary>
    public string? Address { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The edge has been told to stop and drains.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Records of requests that are not in the database yet.</summary>
    public long PendingRecords { get; init; }

    /// <summary>Size of the records in the spool, in bytes.</summary>
    public long SpoolBytes { get; init; }

    /// <summary>Whether it is connected to Redis. Null: none is configured.</summary>
    public bool? HasRedis { get; init; }
}
