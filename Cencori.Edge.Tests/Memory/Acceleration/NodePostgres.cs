using System.Globalization;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Wire;
using Npgsql;

namespace Cencori.Edge.Tests.Memory.Acceleration;

/// <summary>PostgreSQL with pgvector in a Node process. The tests of a class share it, one test at a time, because its start takes ten seconds of processor time.</summary>
public sealed class NodePostgres : IAsyncLifetime
{
    /// <summary>The npm package that provides PostgreSQL with pgvector in Node.</summary>
    public const string Package = "@electric-sql/pglite-pgvector";

    private int _port;
    private ChildProcess? _process;
    private bool _isReady;

    private string ConnectionString => $"Host=127.0.0.1;Port={_port};Database=postgres;Username=postgres;Password=postgres;Timeout=30;Command Timeout=120";

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Empties the database, which only one test may use at a time, and returns its connection string.</summary>
    public async Task<string> EmptyDatabaseAsync()
    {
        if (!_isReady)
        {
            await DisposeAsync();
            _port = LoopbackPort.Next();
            _process = await ChildProcess.StartAsync(NodeFactAttribute.SourceDirectory(NodeScript.Directory), "node", "pgvector.mjs", _port.ToString(CultureInfo.InvariantCulture));
            await Eventually.IsTrueAsync(async () =>
            {
                Assert.False(_process.HasExited, _process.HasExited ? await _process.OutputAsync() : "");
                try
                {
                    await PostgresServer.QueryAsync(ConnectionString, "SELECT 1");
                    return true;
                }
                catch (NpgsqlException exception) when (exception.IsTransient)
                {
                    return false;
                }
            }, TimeSpan.FromMinutes(3));
            _isReady = true;
        }

        await PostgresServer.QueryAsync(ConnectionString, "DROP EXTENSION IF EXISTS vector CASCADE");
        await PostgresServer.QueryAsync(ConnectionString, "DROP SCHEMA public CASCADE");
        await PostgresServer.QueryAsync(ConnectionString, "CREATE SCHEMA public");
        await PostgresServer.QueryAsync(ConnectionString, "CREATE EXTENSION vector");
        return ConnectionString;
    }

    public async Task DisposeAsync() => await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
}
