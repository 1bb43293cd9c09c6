using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Connects the edge to SQLite: one file in the data directory. One edge uses it, or several that share limits and tell each other about changes
/// through Redis.</summary>
/// <param name="directory">Directory of the file.</param>
/// <param name="isJoined">True: this edge has Redis, and may share the directory with other edges.</param>
public sealed class SqliteSystem(DataDirectory directory, bool isJoined) : IDatabaseSystem, IDisposable
{
    private IDisposable? _ownership;
    private SqliteConnection? _kept;

    public string Setting => "Storage:DataDirectory";

    public string Name => $"the database '{directory.DatabaseFile}'";

    public bool IsShared => isJoined;

    public bool HoldsThreads => true;

    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        _ownership ??= directory.Own(isJoined);
        var heldLock = await directory.LockAsync(cancellation);

        // Creates the file before SQLite does, which would make it readable for other users. The companion files of the database get the mode of this file.
        PrivateFiles.Create(directory.DatabaseFile);
        return heldLock;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Keeps one connection open, because closing the last connection deletes the WAL files. On a full disk they could not be created again, and the edge
    /// could no longer open a database that is still readable.
    /// </remarks>
    public async Task KeepOpenAsync()
    {
        if (_kept is not null)
        {
            return;
        }

        var kept = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.DatabaseFile, Pooling = false }.ConnectionString);
        await kept.OpenAsync();

        // The first read creates the WAL files.
        await using var command = kept.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master";
        await command.ExecuteScalarAsync();
        _kept = kept;
    }

    public Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation) => SqliteReader.OpenAsync(directory.DatabaseFile, limit, cancellation);

    public bool IsOverLimit(Exception exception) => SqliteExceptionOf(exception) is { SqliteErrorCode: raw.SQLITE_INTERRUPT };

    public DatabaseFault? Explain(Exception exception) =>
        SqliteExceptionOf(exception) is { } fault ? new(IsTransient: false, $"cannot be used: {fault.Message.TrimEnd('.')}") : null;

    public bool IsConflict(Exception exception) => SqliteExceptionOf(exception) is
        { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED }
        or { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_FOREIGNKEY };

    public void Dispose()
    {
        _kept?.Dispose();
        _ownership?.Dispose();
    }

    // Entity Framework wraps exceptions of a command.
    private static SqliteException? SqliteExceptionOf(Exception exception) => exception as SqliteException ?? exception.InnerException as SqliteException;
}
