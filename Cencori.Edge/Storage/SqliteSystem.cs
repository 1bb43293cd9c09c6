using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Storage;

/// <summary>SQLite: one file in the data directory, which has one edge, or several that something else joins.</summary>
/// <param name="directory">Where the file is.</param>
/// <param name="isJoined">This edge has what it takes to share the directory: limits and announcements that others share.</param>
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
        var alone = await directory.LockAsync(cancellation);

        // SQLite would make it for others to read. What it makes beside it is as narrow as this.
        PrivateFiles.Create(directory.DatabaseFile);
        return alone;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Whoever closes the last connection takes the files beside the database with it. On a full disk they could not be made again, and
    /// what can still be read could not be opened.
    /// </remarks>
    public async Task KeepOpenAsync()
    {
        if (_kept is not null)
        {
            return;
        }

        var kept = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = directory.DatabaseFile, Pooling = false }.ConnectionString);
        await kept.OpenAsync();

        // They are made by the first who reads.
        await using var command = kept.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master";
        await command.ExecuteScalarAsync();
        _kept = kept;
    }

    public Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation) => SqliteReader.OpenAsync(directory.DatabaseFile, limit, cancellation);

    public bool IsOverLimit(Exception exception) => Told(exception) is { SqliteErrorCode: raw.SQLITE_INTERRUPT };

    public DatabaseFault? Explain(Exception exception) =>
        Told(exception) is { } fault ? new(IsAway: false, $"cannot be used: {fault.Message.TrimEnd('.')}") : null;

    public bool IsConflict(Exception exception) => Told(exception) is
        { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED }
        or { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_FOREIGNKEY };

    public void Dispose()
    {
        _kept?.Dispose();
        _ownership?.Dispose();
    }

    // Entity Framework wraps what happens to a command.
    private static SqliteException? Told(Exception exception) => exception as SqliteException ?? exception.InnerException as SqliteException;
}
