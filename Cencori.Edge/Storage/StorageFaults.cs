using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Cencori.Edge.Storage;

/// <summary>Why nothing can be stored.</summary>
public enum StorageFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>There is no room, or no more than a quota allows.</summary>
    Full,

    /// <summary>It is read-only, or the device fails.</summary>
    Unwritable,
}

/// <summary>What exceptions say about the storage itself, whoever met them.</summary>
public static class StorageFaults
{
    // Of Linux: EFBIG, ENOSPC, EROFS, EDQUOT. Of Windows: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
    private const int FileTooBig = 27, NoSpace = 28, ReadOnly = 30, Quota = 122, HandleDiskFull = 39, DiskFull = 112;

    public static StorageFault Of(Exception exception)
    {
        // Entity Framework wraps what happens to a command.
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            var fault = cause switch
            {
                SqliteException told => Of(told),
                PostgresException { SqlState: PostgresErrorCodes.DiskFull } => StorageFault.Full,
                PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => StorageFault.Unwritable,
                IOException told => (told.HResult & 0xFFFF) switch
                {
                    FileTooBig or NoSpace or Quota or HandleDiskFull or DiskFull => StorageFault.Full,
                    ReadOnly => StorageFault.Unwritable,
                    _ => StorageFault.None,
                },
                _ => StorageFault.None,
            };
            if (fault != StorageFault.None)
            {
                return fault;
            }
        }

        return StorageFault.None;
    }

    /// <summary>What to say after the name of what cannot be written to.</summary>
    public static string Describe(StorageFault fault) => fault == StorageFault.Full ? "has no room left" : "cannot be written to: it is read-only, or its device fails";

    // SQLite knows one way to be full; a quota and a limit of the process are others, and it calls those a write that failed.
    private static StorageFault Of(SqliteException told) => told switch
    {
        { SqliteErrorCode: raw.SQLITE_FULL } or { SqliteExtendedErrorCode: raw.SQLITE_IOERR_WRITE or raw.SQLITE_IOERR_SHMSIZE } => StorageFault.Full,
        { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN } => StorageFault.Unwritable,
        _ => StorageFault.None,
    };
}
