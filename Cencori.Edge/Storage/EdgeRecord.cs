namespace Cencori.Edge.Storage;

/// <summary>One running edge process on a shared database, with the state that it last reported.</summary>
public sealed class EdgeRecord
{
    /// <summary>Id of the process. New at each start.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the machine or container.</summary>
    public required string Host { get; init; }

    /// <summary>The first address that the edge listens on. Null: unknown.</summary>
    public string? Address { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>True when the edge is stopping and completes its last requests.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Number of request records that are not in the database yet.</summary>
    public long PendingRecords { get; init; }

    /// <summary>Size of the spool, in bytes. The spool is files with records that are not in the database yet.</summary>
    public long SpoolBytes { get; init; }

    /// <summary>True when the edge is connected to Redis. Null: no Redis is configured.</summary>
    public bool? HasRedis { get; init; }
}
