using Cencori.Edge.Tests.Infrastructure.Edges;
using Npgsql;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>An empty database on the server of the run.</summary>
public sealed class PostgresDatabase : IAsyncLifetime, IAsyncDisposable
{
    public string Name { get; } = "edge_" + Guid.NewGuid().ToString("N");

    /// <summary>For a superuser.</summary>
    public string ConnectionString { get; private set; } = null!;

    /// <summary>Settings for <see cref="RunningEdge"/>: this database, and the master key that its edges share.</summary>
    public string[] Settings => SettingsOf(ConnectionString);

    public static string MasterKey { get; } = Convert.ToBase64String(Enumerable.Repeat((byte)42, 32).ToArray());

    public static async Task<PostgresDatabase> CreateAsync()
    {
        var database = new PostgresDatabase();
        await database.InitializeAsync();
        return database;
    }

    /// <summary>A database with the schema, for tests that are not about migrations or the first start.</summary>
    public static async Task<PostgresDatabase> CreateMigratedAsync()
    {
        var database = new PostgresDatabase();
        await database.CreateFromAsync(await MigratedDatabase.PostgresTemplateAsync());
        return database;
    }

    public static string[] SettingsOf(string connectionString) =>
        ["Storage:Provider=Postgres", $"Storage:ConnectionString={connectionString}", $"Secrets:MasterKey={MasterKey}"];

    public async Task InitializeAsync()
    {
        // xUnit creates the fixture even if all tests of the class are skipped.
        if (PostgresServer.Missing is null)
        {
            await CreateFromAsync("template1");
        }
    }

    private async Task CreateFromAsync(string template)
    {
        var server = await PostgresServer.ConnectionStringAsync();
        await PostgresServer.QueryAsync(server, $"CREATE DATABASE {Name} TEMPLATE {template}");
        ConnectionString = new NpgsqlConnectionStringBuilder(server) { Database = Name }.ConnectionString;
    }

    // xUnit calls only its own interface. The code analyzer requires the interface of .NET.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            await PostgresServer.QueryAsync(await PostgresServer.ConnectionStringAsync(), $"DROP DATABASE {Name} WITH (FORCE)");
        }
    }

    /// <summary>The first column of the first row. Null: no row.</summary>
    public Task<object?> QueryAsync(string sql) => PostgresServer.QueryAsync(ConnectionString, sql);
}
