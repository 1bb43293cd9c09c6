using System.Data.Common;
using Cencori.Edge.Memory;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Memory.Acceleration;

/// <summary>An empty database with pgvector: on the PostgreSQL server of the run if that has the extension, else in <see cref="NodePostgres"/>.</summary>
public sealed class PgVectorServer : IAsyncDisposable
{
    private readonly PostgresDatabase? _database;

    private PgVectorServer(PostgresDatabase? database, string connectionString) => (_database, ConnectionString) = (database, connectionString);

    public string ConnectionString { get; }

    /// <summary>True for a real server: several connections can work at the same time.</summary>
    public bool IsWhole => _database is not null;

    public static async Task<PgVectorServer> StartAsync(NodePostgres node)
    {
        if (PostgresServer.Missing is null
            && await PostgresServer.QueryAsync(await PostgresServer.ConnectionStringAsync(), "SELECT 1 FROM pg_available_extension_versions WHERE name = 'vector' AND string_to_array(version, '.')::int[] >= '{0,8}'") is not null)
        {
            var database = await PostgresDatabase.CreateMigratedAsync();
            await database.QueryAsync("CREATE EXTENSION vector");
            return new PgVectorServer(database, database.ConnectionString);
        }

        return new PgVectorServer(null, await node.EmptyDatabaseAsync());
    }

    /// <param name="from">Number of entries from which a namespace counts as large.</param>
    /// <param name="settings">Further settings.</param>
    public Task<RunningEdge> EdgeAsync(int from, params string[] settings) => RunningEdge.StartAsync([.. PostgresDatabase.SettingsOf(ConnectionString), .. settings], builder =>
    {
        builder.Services.PostConfigure<MemoryOptions>(options => options.AcceleratedFrom = from);
        if (!IsWhole)
        {
            builder.Services.AddSingleton<IDatabaseSystem>(_ => new Unlocked(new PostgresSystem(PostgresSettings.Parse(ConnectionString))));
        }
    });

    public Task<object?> QueryAsync(string sql) => PostgresServer.QueryAsync(ConnectionString, sql);

    public ValueTask DisposeAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;

    // The Node database has a single session, so a lock in an open transaction would block everything. No other edge uses the database, so no lock is needed.
    private sealed class Unlocked(PostgresSystem system) : IDatabaseSystem, IAsyncDisposable
    {
        public string Setting => system.Setting;

        public string Name => system.Name;

        public bool IsShared => true;

        public Task<IAsyncDisposable> LockAsync(CancellationToken cancellation) => Task.FromResult<IAsyncDisposable>(new MemoryStream());

        public Task<DbConnection> OpenUnpooledAsync(CancellationToken cancellation) => system.OpenUnpooledAsync(cancellation);

        public Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation) => system.OpenReaderAsync(limit, cancellation);

        public bool IsOverLimit(Exception exception) => system.IsOverLimit(exception);

        public DatabaseFault? Explain(Exception exception) => system.Explain(exception);

        public bool IsConflict(Exception exception) => system.IsConflict(exception);

        public ValueTask DisposeAsync() => system.DisposeAsync();
    }
}
