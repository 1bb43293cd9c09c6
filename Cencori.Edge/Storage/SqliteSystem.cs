using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Storage;

/// <summary>SQLite: one file in the data directory, which has one edge, or several that something else joins.</summary>
/// <param name="directory">Where the file is.</param>
/// <param name="isJoined">This edge has what it takes to share the directory: limits and announcements that others share.</param>
public sealed class SqliteSystem(DataDirectory directory, bool isJoined) : IDatabaseSystem, IDisposable
{
    private IDisposable? _ownership;

    public string Setting => "Storage:DataDirectory";

    public string Name => $"the database '{directory.DatabaseFile}'";

    public bool IsShared => isJoined;

    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        _ownership ??= directory.Own(isJoined);
        var alone = await directory.LockAsync(cancellation);

        // SQLite would make it for others to read. What it makes beside it is as narrow as this.
        PrivateFiles.Create(directory.DatabaseFile);
        return alone;
    }

    public DatabaseFault? Explain(Exception exception) =>
        Told(exception) is { } fault ? new(IsAway: false, $"cannot be used: {fault.Message.TrimEnd('.')}") : null;

    public bool IsConflict(Exception exception) => Told(exception) is
        { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED }
        or { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_FOREIGNKEY };

    public void Dispose() => _ownership?.Dispose();

    // Entity Framework wraps what happens to a command.
    private static SqliteException? Told(Exception exception) => exception as SqliteException ?? exception.InnerException as SqliteException;
}
