using System.Data;
using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Reads in a read-only transaction, on a connection from a separate small pool.</summary>
internal sealed class PostgresReader : DatabaseReader
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private PostgresReader(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public override DbConnection Connection => _connection;

    public static NpgsqlDataSource Pool(NpgsqlConnectionStringBuilder settings) => PostgresSettings.Open(
        new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MinPoolSize = 0, MaxPoolSize = ReadDatabase.AtOnce, ApplicationName = settings.ApplicationName + "-readers" });

    public static async Task<DatabaseReader> OpenAsync(NpgsqlDataSource pool, TimeSpan limit, CancellationToken cancellation)
    {
        var connection = await pool.OpenConnectionAsync(cancellation);
        try
        {
            // Sets the limits for the transaction, not for the session: a connection pooler may give the session to another client.
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = $"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {limit.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)}";
            await command.ExecuteNonQueryAsync(cancellation);
            return new PostgresReader(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
