using System.Data.Common;
using Npgsql;

namespace Cencori.Edge.Storage;

/// <summary>PostgreSQL: one database for any number of edges.</summary>
public sealed class PostgresSystem(NpgsqlConnectionStringBuilder settings) : IDatabaseSystem, IAsyncDisposable
{
    // Apart from the pool of requests. Nothing is connected before somebody reads.
    private readonly Lazy<NpgsqlDataSource> _readers = new(() => PostgresReader.Pool(settings));

    // Any number will do that no other user of the database takes.
    private const long LockId = 0x_6365_6e63_6f72_6901;

    // Another edge may be migrating. In seconds.
    private const int LockTimeout = 30;

    public string Setting => PostgresSettings.Setting;

    public string Name => $"the database '{settings.Database}' on '{settings.Host}'";

    public bool IsShared => true;

    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        var connection = await OpenAsync(cancellation);
        try
        {
            // The lock is the transaction's and not the session's: so it is given back however this ends, also where a
            // pooler stands between, which would keep the session.
            await connection.BeginTransactionAsync(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = $"SET LOCAL idle_in_transaction_session_timeout = 0; SELECT pg_advisory_xact_lock({LockId})";
            command.CommandTimeout = LockTimeout;
            await command.ExecuteNonQueryAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<DbConnection> OpenAloneAsync(CancellationToken cancellation) => await OpenAsync(cancellation);

    public Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation) => PostgresReader.OpenAsync(_readers.Value, limit, cancellation);

    public bool IsOverLimit(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };

    public ValueTask DisposeAsync() => _readers.IsValueCreated ? _readers.Value.DisposeAsync() : ValueTask.CompletedTask;

    public DatabaseFault? Explain(Exception exception) => PostgresFaults.Explain(exception);

    public bool IsConflict(Exception exception) => PostgresFaults.IsConflict(exception);

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        // Beside the pool, which may be as small as one.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch (Exception exception) when (exception is not OperationCanceledException && Explain(exception) is null)
        {
            // A certificate that cannot be read, for one. Its sentence may quote the setting.
            throw new StartupException($"{Setting}: {Name} cannot be used: {exception.GetType().Name}.", exception);
        }
    }
}
