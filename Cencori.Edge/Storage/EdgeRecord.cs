namespace Cencori.Edge.Storage;

/// <summary>One run of an edge on a shared database, as it has last told of itself.</summary>
public sealed class EdgeRecord
{
    /// <summary>Another one at each start.</summary>
    public required string Id { get; init; }

    /// <summary>The name of its machine, or its container.</summary>
    public required string Host { get; init; }

    /// <summary>Where it listens, first of all.</summary>
    public string? Address { get; init; }

    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>It has been told to stop.</summary>
    public bool IsDraining { get; init; }

    /// <summary>Records of requests that are not in the database yet.</summary>
    public long PendingRecords { get; init; }

    /// <summary>Of these, what waits in the spool, in bytes.</summary>
    public long SpoolBytes { get; init; }

    /// <summary>Whether it has Redis; null: it is to have none.</summary>
    public bool? HasRedis { get; init; }
}
