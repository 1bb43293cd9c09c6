namespace Cencori.Edge.Memory;

/// <summary>Section <c>Memory</c> of the settings.</summary>
public sealed class MemoryOptions
{
    public const string Section = "Memory";

    /// <summary>Entries per namespace at most. Default 100,000.</summary>
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>Size limit for the vectors of a namespace, in MiB. Default 250.</summary>
    public int MaxVectorMegabytes { get; set; } = 250;

    /// <summary>Size limit for vectors that an edge caches in memory, in MiB, for all projects together. Default 256. Each search reads a larger namespace from the database.</summary>
    public int CacheMegabytes { get; set; } = 256;

    /// <summary>Whether searches of large namespaces use pgvector where PostgreSQL has it. Default: <see cref="PgVectorUse.Auto"/>.</summary>
    public PgVectorUse PgVector { get; set; }

    /// <summary>Namespaces with at least this many entries use pgvector.</summary>
    internal int AcceleratedFrom { get; set; } = 20_000;

    /// <summary>Whether a namespace may hold this many vectors of this length.</summary>
    internal bool Fits(long entries, int dimensions) => entries <= MaxEntries && entries * dimensions * sizeof(float) <= (long)MaxVectorMegabytes * 1024 * 1024;
}

/// <summary>When pgvector is used.</summary>
public enum PgVectorUse
{
    /// <summary>Where the database has it, from version 0.8 on.</summary>
    Auto,

    /// <summary>Never.</summary>
    Off,
}
