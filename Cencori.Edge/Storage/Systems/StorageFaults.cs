using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Why writes fail.</summary>
public enum StorageFault
{
    /// <summary>Writes succeed.</summary>
    None,

    /// <summary>The disk or a quota is full.</summary>
    Full,

    /// <summary>The storage is read-only, or the device fails.</summary>
    Unwritable,
}

/// <summary>Finds faults of the storage in exceptions of any library.</summary>
public static class StorageFaults
{
    // Error codes. Linux: EFBIG, ENOSPC, EROFS, EDQUOT. Windows: ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL.
    private const int FileTooBig = 27, NoSpace = 28, ReadOnly = 30, Quota = 122, HandleDiskFull = 39, DiskFull = 112;

    public static StorageFault Of(Exception exception)
    {
        // Entity Framework wraps exceptions of a command.
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            var fault = cause switch
            {
                SqliteException error => Of(error),
                PostgresException { SqlState: PostgresErrorCodes.DiskFull } => StorageFault.Full,
                PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => StorageFault.Unwritable,
                IOException error => (error.HResult & 0xFFFF) switch
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

    /// <summary>The rest of a sentence that begins with the name of the storage.</summary>
    public static string Describe(StorageFault fault) => fault == StorageFault.Full ? "has no room left" : "cannot be written to: it is read-only, or its device fails";

    // SQLite reports only a full disk as SQLITE_FULL. When a quota or the process's file-size limit is reached, it reports a failed write.
    private static StorageFault Of(SqliteException error) => error switch
    {
        { SqliteErrorCode: raw.SQLITE_FULL } or { SqliteExtendedErrorCode: raw.SQLITE_IOERR_WRITE or raw.SQLITE_IOERR_SHMSIZE } => StorageFault.Full,
        { SqliteErrorCode: raw.SQLITE_READONLY or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN } => StorageFault.Unwritable,
        _ => StorageFault.None,
    };
}
