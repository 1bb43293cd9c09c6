namespace Cencori.Edge.Storage.Startup;

/// <summary>Where the edge stores data. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary><c>Sqlite</c> (default): a file in the data directory. <c>Postgres</c>: a database that several edges may share.</summary>
    public string? Provider { get; set; }

    /// <summary>Connection string for Npgsql. Required for Postgres, forbidden otherwise. Contains a password. Default: none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Directory of the SQLite file, the master key and the spool (records that are not in the database yet). Relative to the working directory.
    /// Default <c>data</c>.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>True: the edge starts even if its data is in the other database system. False (default): in that case, the edge says where the data is, and
    /// exits.</summary>
    public bool AllowSwitch { get; set; }
}
