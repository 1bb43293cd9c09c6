using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Storage;

/// <summary>SQLite: one file in the data directory, and beside it one that edges lock while they prepare it.</summary>
public sealed class SqliteSystem(DataDirectory directory, TimeProvider time) : IDatabaseSystem
{
    private static readonly TimeSpan LockRetryInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    public string Setting => "Storage:DataDirectory";

    public string Name => $"the database '{directory.DatabaseFile}'";

    public bool IsShared => false;

    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            try
            {
                // It stays when the lock is given back: another edge may have opened it already and be about to lock it.
                return new FileStream(directory.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
            {
                if (time.GetElapsedTime(startedAt) > LockPatience)
                {
                    throw new StartupException($"{Setting}: cannot lock '{directory.LockFile}', as if another edge had been starting there for {LockPatience.TotalSeconds:0} s: {exception.Message}", exception);
                }
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new StartupException($"{Setting}: cannot lock '{directory.LockFile}': {exception.Message}", exception);
            }

            await Task.Delay(LockRetryInterval, time, cancellation);
        }
    }

    public DatabaseFault? Explain(Exception exception) =>
        Told(exception) is { } fault ? new(IsAway: false, $"cannot be used: {fault.Message.TrimEnd('.')}") : null;

    public bool IsConflict(Exception exception) => Told(exception) is
        { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED }
        or { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY or raw.SQLITE_CONSTRAINT_FOREIGNKEY };

    // Entity Framework wraps what happens to a command.
    private static SqliteException? Told(Exception exception) => exception as SqliteException ?? exception.InnerException as SqliteException;
}
