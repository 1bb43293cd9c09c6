namespace Cencori.Edge.Memory;

/// <summary>Section <c>Memory</c> of the settings.</summary>
public sealed class MemoryOptions
{
    public const string Section = "Memory";

    /// <summary>Entries of a namespace at most. Default 100,000.</summary>
    public int MaxEntries { get; set; } = 100_000;

    /// <summary>MiB that the vectors of a namespace take at most. Default 250.</summary>
    public int MaxVectorMegabytes { get; set; } = 250;

    /// <summary>MiB of vectors that an edge holds in memory for searches at most, of all projects. Default 256. A namespace that has more is read from the database at each search.</summary>
    public int CacheMegabytes { get; set; } = 256;

    /// <summary>Whether large namespaces are searched with pgvector, where PostgreSQL has it. Default: they are.</summary>
    public PgVectorUse PgVector { get; set; }

    /// <summary>From so many entries on.</summary>
    internal int AcceleratedFrom { get; set; } = 20_000;

    /// <summary>Vectors of so many numbers still fit.</summary>
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
