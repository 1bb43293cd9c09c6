namespace Cencori.Edge.Memory;

/// <summary>Settings of the section <c>Memory</c> in the configuration.</summary>
public sealed class MemoryOptions
{
    public const string Section = "Memory";

    /// <summary>Maximum number of entries in a namespace. Default 100,000.</summary>
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>Maximum size of the vectors of one namespace, in MiB. Default 250.</summary>
    public int MaxVectorMegabytes { get; set; } = 250;

    /// <summary>Maximum size of the vectors that an edge caches in memory for all projects, in MiB. Default 256. A larger namespace is read from the database at every search.</summary>
    public int CacheMegabytes { get; set; } = 256;

    /// <summary>Whether searches of large namespaces use the PostgreSQL extension pgvector. Default: <see cref="PgVectorUse.Auto"/>.</summary>
    public PgVectorUse PgVector { get; set; }

    /// <summary>Namespaces with at least this many entries are searched with pgvector.</summary>
    internal int AcceleratedFrom { get; set; } = 20_000;

    /// <summary>Whether a namespace may hold this many vectors of this length.</summary>
    internal bool Fits(long entries, int dimensions) => entries <= MaxEntries && entries * dimensions * sizeof(float) <= (long)MaxVectorMegabytes * 1024 * 1024;
}

/// <summary>When pgvector is used.</summary>
public enum PgVectorUse
{
    /// <summary>If the database has the extension, in version 0.8 or later.</summary>
    Auto,

    /// <summary>Never.</summary>
    Off,
}
