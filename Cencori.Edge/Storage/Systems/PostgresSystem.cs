using System.Data.Common;
using Cencori.Edge.Storage.Startup;
using Npgsql;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Connects the edge to PostgreSQL: one database for any number of edges.</summary>
public sealed class PostgresSystem(NpgsqlConnectionStringBuilder settings) : IDatabaseSystem, IAsyncDisposable
{
    // The pool for reads that requests do not wait for. Lazy, so that edges without such reads open no connections.
    private readonly Lazy<NpgsqlDataSource> _readers = new(() => PostgresReader.Pool(settings));

    // Id of the advisory lock. Any number works that no other user of the database locks.
    private const long LockId = 0x_6365_6e63_6f72_6901;

    // How long to wait for the lock, in seconds. Another edge may be migrating.
    private const int LockTimeout = 30;

    public string Setting => PostgresSettings.Setting;

    public string Name => $"the database '{settings.Database}' on '{settings.Host}'";

    public bool IsShared => true;

    public async Task<IAsyncDisposable> LockAsync(CancellationToken cancellation)
    {
        var connection = await OpenAsync(cancellation);
        try
        {
            // The lock belongs to the transaction, so the end of the transaction always releases it. A session lock could stay: a connection pooler keeps the session
            // open.
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

    public async Task<DbConnection> OpenUnpooledAsync(CancellationToken cancellation) => await OpenAsync(cancellation);

    public Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation) => PostgresReader.OpenAsync(_readers.Value, limit, cancellation);

    public bool IsOverLimit(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.QueryCanceled };

    public ValueTask DisposeAsync() => _readers.IsValueCreated ? _readers.Value.DisposeAsync() : ValueTask.CompletedTask;

    public DatabaseFault? Explain(Exception exception) => PostgresFaults.Explain(exception);

    public bool IsConflict(Exception exception) => PostgresFaults.IsConflict(exception);

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        // Does not use the pool, which may be as small as one connection.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch (Exception exception) when (exception is not OperationCanceledException && Explain(exception) is null)
        {
            // The cause may be a certificate that cannot be read. The exception's message may quote the setting, so the error shows only its type.
            throw new StartupException($"{Setting}: {Name} cannot be used: {exception.GetType().Name}.", exception);
        }
    }
}
