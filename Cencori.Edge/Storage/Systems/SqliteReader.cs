using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Reads on a read-only connection to the file. Ends a long read, because it would block checkpoints of the write-ahead log.</summary>
internal sealed class SqliteReader : DatabaseReader
{
    // Instructions of SQLite's virtual machine between two checks of the time limit. They take some hundred microseconds.
    private const int Steps = 20_000;

    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;

    private SqliteReader(SqliteConnection connection, SqliteTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public override DbConnection Connection => _connection;

    public static async Task<DatabaseReader> OpenAsync(string file, TimeSpan limit, CancellationToken cancellation)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            var began = TimeProvider.System.GetTimestamp();
            raw.sqlite3_progress_handler(
                connection.Handle, Steps, _ => cancellation.IsCancellationRequested || TimeProvider.System.GetElapsedTime(began) > limit ? 1 : 0, null);
            return new SqliteReader(connection, connection.BeginTransaction(deferred: true));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // Removes the progress handler, because the connection returns to a pool.
        raw.sqlite3_progress_handler(_connection.Handle, 0, null, null);
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
