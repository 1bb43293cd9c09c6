namespace Cencori.Edge.Storage;

/// <summary>Where the edge keeps what outlives the process. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Holds the SQLite file and the master key. Relative paths start at the working directory. Default <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";
}
