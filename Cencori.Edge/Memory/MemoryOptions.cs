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

    /// <summary>Vectors of so many numbers still fit.</summary>
    internal bool Fits(long entries, int dimensions) => entries <= MaxEntries && entries * dimensions * sizeof(float) <= (long)MaxVectorMegabytes * 1024 * 1024;
}
