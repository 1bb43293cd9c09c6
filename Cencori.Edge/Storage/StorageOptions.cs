namespace Cencori.Edge.Storage;

/// <summary>Where the edge keeps what outlives the process. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary><c>Sqlite</c> (default): a file in the data directory. <c>Postgres</c>: a database that several edges may share.</summary>
    public string? Provider { get; set; }

    /// <summary>As Npgsql understands it; for Postgres alone, which needs it. Holds a password. Default none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Holds the SQLite file and the master key. Relative paths start at the working directory. Default <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>Start also where the data is with the other provider. Default no: the edge says where it is, and ends.</summary>
    public bool AllowSwitch { get; set; }
}
